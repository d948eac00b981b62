-- Characters that nobody sees and that steer what is seen: a key with one of them looks like
-- another key. Here are the controls of Unicode above ASCII (Cc), its separators of lines (Zl, Zp),
-- and what only formats (Cf) and has no form of its own: direction, no width, tags.
local FORMS = {
  "\194[\128-\159\173]", -- U+0080 to U+009F, U+00AD
  "\216\156", -- U+061C
  "\225\160\142", -- U+180E
  "\226\128[\139-\143\168-\174]", -- U+200B to U+200F, U+2028 to U+202E
  "\226\129[\160-\175]", -- U+2060 to U+206F
  "\239\187\191", -- U+FEFF
  "\239\191[\185-\187]", -- U+FFF9 to U+FFFB
  "\240\155\178[\160-\163]", -- U+1BCA0 to U+1BCA3
  "\240\157\133[\179-\186]", -- U+1D173 to U+1D17A
  "\243\160[\128\129][\128-\191]", -- U+E0000 to U+E007F
}

--- Replaces them.
-- @tparam string text UTF-8
-- @tparam function replacement gets the bytes of one, returns what is written for it
return function(text, replacement)
  for _, form in ipairs(FORMS) do
    text = text:gsub(form, replacement)
  end
  return text
end
