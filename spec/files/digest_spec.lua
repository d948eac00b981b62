-- Digests of r2.files, beside the vectors of FIPS 180-4 and RFC 1321, sha256sum and md5sum.
local collector = require "spec.support.collector"
local refused = require "spec.support.refused"
local sha256 = require "spec.support.sha256"
local shell = require "spec.support.shell"
local values = require "spec.support.values"
local files = require "r2.files"

local folder, path

before_each(function()
  folder = shell.folder()
  path = folder .. "/file"
end)

after_each(collectgarbage)
teardown(shell.remove_folders)

local function digests_of(lines)
  local words = shell.words(("cd %s && { %s; } >part && md5sum <part && sha256sum <part")
    :format(folder, lines))
  return words[1], words[3]
end

-- A shell command that prints bytes of a file.
local function print_part(offset, length)
  return ("dd if=file bs=64K iflag=skip_bytes,count_bytes skip=%d count=%d status=none"):format(
    offset, length)
end

local MILLION = ("a"):rep(1000000)

-- RFC 1321, A.5.
local MD5 = {
  [""] = "d41d8cd98f00b204e9800998ecf8427e",
  a = "0cc175b9c0f1b6a831c399e269772661",
  abc = "900150983cd24fb0d6963f7d28e17f72",
  ["message digest"] = "f96b697d7cb7938d525a2f31aaf161d0",
  abcdefghijklmnopqrstuvwxyz = "c3fcd3d76192e4007dfb496cca67e13b",
  ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 =
    "d174ab98d277d9f5a5611c2c9f419d9f",
  [("1234567890"):rep(8)] = "57edf4a22be3c955ac49da2e2107b67a",
}

-- FIPS 180-4's examples (csrc.nist.gov, SHA256.pdf), and the million of FIPS 180-2.
local SHA256 = {
  [""] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq =
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  [MILLION] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
}

describe("A digest", function()
  for algorithm, vectors in pairs { md5 = MD5, sha256 = SHA256 } do
    it("is right for the vectors of " .. algorithm, function()
      for text, wanted in values.sorted(vectors) do
        local digest = files.digest(algorithm):update(text)
        assert.equal(wanted, digest:hex(algorithm))
        assert.equal(wanted, sha256.to_hex(digest:bytes(algorithm)))
      end
    end)
  end

  it("can be both in one pass, in pieces of any length, and told on the way", function()
    local text = MILLION:sub(1, 300)
    for length = 1, 130 do
      local both = files.digest("md5", "sha256")
      for from = 1, #text, length do
        both:update(text:sub(from, from + length - 1))
        both:hex("md5")
        both:bytes("sha256")
      end
      assert.equal(files.digest("md5"):update(text):hex("md5"), both:hex("md5"))
      assert.equal(sha256.hex(text), both:hex("sha256"))
    end
  end)

  it("is one of each, not one of all", function()
    local one, other = files.digest("md5"), files.digest("md5")
    one:update("abc")
    assert.equal(MD5[""], other:hex("md5"))
    assert.equal(MD5.abc, one:hex("md5"))
  end)

  it("raises when it is misused", function()
    for _, algorithms in ipairs { {}, { "md4" }, { "SHA256" }, { "md5", "" }, { true } } do
      assert.has_error(function() files.digest(algorithms[1], algorithms[2]) end)
    end
    local md5 = files.digest("md5", "md5")
    for _, call in ipairs {
      function() md5:hex("sha256") end, function() md5:bytes("sha256") end,
      function() md5:hex() end, function() md5:update() end, function() md5:update({}) end,
      function() md5:read() end, function() md5:read(path) end,
    } do
      assert.has_error(call)
    end
    assert.equal(MD5[""], md5:hex("md5"))
  end)
end)

describe("A digest of a file", function()
  it("is that of all of it, of any part, and of parts one behind the other", function()
    shell.run(("head -c 300000 /dev/urandom >%s"):format(path))
    local file = assert(files.open(path))
    local whole_md5, whole_sha256 = digests_of("cat file")
    local parts = files.digest("md5", "sha256")
    for from = 0, 299999, 70000 do
      assert.equal(math.min(70000, 300000 - from), parts:read(file, from, 70000))
      local part = files.digest("md5", "sha256")
      part:read(file, from, 70000)
      local md5, sum = digests_of(print_part(from, 70000))
      assert.equal(md5, part:hex("md5"))
      assert.equal(sum, part:hex("sha256"))
    end
    assert.equal(whole_md5, parts:hex("md5"))
    assert.equal(whole_sha256, parts:hex("sha256"))
    local at_once = files.digest("sha256")
    assert.equal(300000, at_once:read(file))
    assert.equal(whole_sha256, at_once:hex("sha256"))
    assert.equal(0, at_once:read(file, 300000))
    assert.equal(0, at_once:read(file, 2 ^ 52))
    assert.equal(0, at_once:read(file, 0, 0))
    assert.equal(whole_sha256, at_once:hex("sha256"))
    assert.equal(65536, #file:read())
  end)

  it("of 100 MB is that of sha256sum, in memory that does not grow", function()
    shell.run(("cd %s && truncate -s 100000000 file && printf x | dd of=file bs=1 "
      .. "seek=77777777 conv=notrunc"):format(folder))
    local file = assert(files.open(path))
    local _, wanted = digests_of(print_part(12345678, 80000000))
    local digest = files.digest("sha256")
    digest:read(file, 0, 65536) -- what the first use takes
    digest = files.digest("sha256")
    local resident = collector.resident_bytes()
    collectgarbage()
    collectgarbage("stop")
    local before = collectgarbage("count")
    local done = digest:read(file, 12345678, 80000000)
    local grown = collectgarbage("count") - before
    collectgarbage("restart")
    local resident_after = collector.resident_bytes()
    assert.equal(80000000, done)
    assert.equal(wanted, digest:hex("sha256"))
    assert.is_true(grown < 1, grown) -- KiB
    assert.is_true(not resident or resident_after - resident < 1024 * 1024)
  end)

  it("ends where the file ends by then", function()
    shell.run(("printf 0123456789 >%s"):format(path))
    local file = assert(files.open(path, "update"))
    assert(file:truncate(3))
    local digest = files.digest("md5")
    assert.equal(3, digest:read(file, 0, 10))
    assert.equal((digests_of("printf 012")), digest:hex("md5"))
  end)

  it("says what cannot be read", function()
    shell.run("mkfifo " .. path)
    for name, code in pairs { [folder] = "EISDIR", [path] = "ESPIPE" } do
      local file = assert(files.open(name, name == path and "update" or "read"))
      local err = refused({ kind = "file" }, function()
        return files.digest("md5"):read(file)
      end)
      assert.equal(code, err.code)
    end
  end)

  it("takes no other offset or length", function()
    local digest, file = files.digest("md5"), assert(files.open(path, "create"))
    for what, odd in values.sorted(values.odd_numbers) do
      if odd ~= 0 then
        assert.has_error(function() digest:read(file, odd) end, nil, what)
        assert.has_error(function() digest:read(file, 0, odd) end, nil, what)
      end
    end
  end)
end)
