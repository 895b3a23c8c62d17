"""Letters of five by seven dots, so that the demo can write on a page with the standard library alone."""

HEIGHT = 7
ADVANCE = 6

# A glyph is seven rows of five bits, each row one digit of base 32 (0-9, a-v).
_GLYPHS = {
    " ": "0000000", "A": "ehhvhhh", "B": "uhhuhhu", "C": "ehggghe", "D": "uhhhhhu", "E": "vgguggv", "F": "vgguggg",
    "G": "ehgnhhf", "H": "hhhvhhh", "I": "e44444e", "J": "72222ic", "K": "hikokih", "L": "ggggggv", "M": "hrllhhh",
    "N": "hhpljhh", "O": "ehhhhhe", "P": "uhhuggg", "Q": "ehhhlid", "R": "uhhukih", "S": "fgge11u", "T": "v444444",
    "U": "hhhhhhe", "V": "hhhhha4", "W": "hhhllla", "X": "hha4ahh", "Y": "hha4444", "Z": "v1248gv", "0": "ehjlphe",
    "1": "4c4444e", "2": "eh1248v", "3": "v2421he", "4": "26aiv22", "5": "vgu11he", "6": "68guhhe", "7": "v124888",
    "8": "ehhehhe", "9": "ehhf12c", ".": "00000cc", ",": "0000c48", ":": "0cc0cc0", ";": "0cc0c48", "-": "000v000",
    "_": "000000v", "/": "01248g0", "\\": "0g84210", "+": "044v440", "=": "00v0v00", "(": "2488842", ")": "8422248",
    "[": "e88888e", "]": "e22222e", "{": "6448446", "}": "c44244c", "<": "248g842", ">": "8421248", "!": "4444404",
    "#": "aavavaa", "$": "4fke5u4", "%": "op248j3", "&": "cika8ld", "'": "4480000", '"': "aaa0000", "*": "04le4l4",
    "@": "eh1dlle", "~": "008l200", "^": "4ah0000", "|": "4444444", "`": "8420000",
    "?": "eh12404",
}


def rows(text):
    """The seven rows of a line of text; a row is a list of booleans, six dots a letter. Unknown letters are '?'."""
    glyphs = [_GLYPHS.get(letter, _GLYPHS["?"]) for letter in text.upper()]
    return [
        [bool(int(glyph[y], 32) & (16 >> x)) if x < 5 else False for glyph in glyphs for x in range(ADVANCE)]
        for y in range(HEIGHT)
    ]
