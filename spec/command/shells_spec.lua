-- What shells know of r2creds: its completion, typed in real ones, and its manual page. The files
-- in share/ are made of what the command reads its words by (make shells).
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"
local quote = support.quote

local ROOT = support.lines(support.run("pwd"))[1]

teardown(support.remove_folders)

local function is_here(program)
  return select(2, support.try("command -v " .. program)) == 0
end

describe("share/", function()
  local folder

  setup(function()
    folder = support.folder()
    support.run(("env %s/build-aux/for-shells %s"):format(
      r2creds.FOUND:gsub("^env ", "", 1):gsub("HOME=%S+", "") .. " " .. ROOT, folder))
  end)

  for _, name in ipairs { "r2creds.bash", "_r2creds", "r2creds.fish", "r2creds.1" } do
    it("has " .. name .. " as it is made now", function()
      assert.is_true(support.read(folder .. "/" .. name) == support.read("share/" .. name),
        "make shells makes another one")
    end)
  end

  it("has a manual page in which nothing is amiss", function()
    if not is_here "mandoc" then
      return pending "mandoc is not installed"
    end
    assert.same({ "", 0 }, { support.try("mandoc -Tlint share/r2creds.1") })
    local page = support.run("mandoc -Tascii share/r2creds.1 | col -b")
    for _, text in ipairs { "r2creds mint client-upload", "--no-overwrite", "EXIT STATUS",
      "R2_SECRET_ACCESS_KEY", "printf %s \"$AWS_SESSION_TOKEN\" | r2creds inspect --json" } do
      assert.is_truthy(page:find(text, 1, true), text)
    end
  end)
end)

-- A shell, and how it gets its completion.
local SHELLS = {
  bash = { "exec bash --norc --noprofile -i", ". " .. ROOT .. "/share/r2creds.bash" },
  zsh = { "exec zsh -f -i", "fpath=(" .. ROOT .. "/share $fpath); autoload -U compinit; "
    .. "compinit -u -D" },
  fish = { "exec fish --no-config -C 'function fish_prompt; printf READY\\>; end'",
    "source " .. ROOT .. "/share/r2creds.fish" },
}

describe("completion", function()
  local folder

  setup(function()
    folder = support.folder()
    support.write(folder .. "/r2creds", "#!/bin/sh\nprintf '[%s]' \"$@\"\n")
    support.run("chmod +x " .. folder .. "/r2creds")
  end)

  for shell, words in pairs(SHELLS) do
    it("works in " .. shell, function()
      if not is_here(shell) or not is_here "python3" then
        return pending(shell .. " is not installed")
      end
      local command = ("HOME=%s ZDOTDIR=%s PATH=%s:$PATH PS1='READY>' %s"):format(folder, folder,
        folder, words[1])
      local typed = {}
      for _, line in ipairs { words[2], "r2creds insp\\t--js\\tx", "r2creds mint serv\\ta b",
        "r2creds exec --perm\\tobject-read-on\\t" } do
        typed[#typed + 1] = quote(line .. "\\n")
      end
      local output = support.run(("cd %s && python3 %s/spec/command/in_terminal.py 'READY>' %s %s")
        :format(folder, ROOT, quote(command), table.concat(typed, " ")))
      for _, wanted in ipairs { "[inspect][--json][x]", "[mint][service][a][b]",
        "[exec][--permission][object-read-only]" } do
        assert.is_truthy(output:find(wanted, 1, true), wanted .. "\n" .. output)
      end
    end)
  end
end)
