# SPDX-License-Identifier: Apache-2.0
"""Every operator mutant of a C file, and a draw of some of them that depends on seed and tree alone.

A mutant is one small edit of a kind that people make: another operator, a constant off by one, a statement left out, a
condition the other way round, another enumerator, a lock not taken. The lexer knows just enough C for that; what it
takes for code and is not does not compile, or compiles to the same object, and is drawn again.
"""
import bisect
import hashlib
import math
import re

# How often each kind is drawn, whatever the number of its places in the tree.
WEIGHT = {"drop": 4, "condition": 3, "relation": 3, "constant": 2, "bits": 2, "arithmetic": 2, "logic": 1, "assign": 1,
          "bool": 1, "enum": 1, "lock": 1}

_SWAPS = {
    "relation": {"<": ("<=", ">=", ">"), "<=": ("<", ">"), ">": (">=", "<=", "<"), ">=": (">", "<"),
                 "==": ("!=", ">=", "<="), "!=": ("==", ">", "<")},
    "arithmetic": {"+": ("-",), "-": ("+",), "*": ("/", "+"), "/": ("*", "%"), "%": ("/", "*"),
                   "++": ("--",), "--": ("++",)},
    "bits": {"&": ("|", "^"), "|": ("&", "^"), "^": ("|", "&"), "<<": (">>",), ">>": ("<<",), "~": ("",)},
    "logic": {"&&": ("||",), "||": ("&&",), "!": ("",)},
    "assign": {"+=": ("-=", "="), "-=": ("+=", "="), "|=": ("&=", "^=", "="), "&=": ("|=", "="),
               "<<=": (">>=",), ">>=": ("<<=",)},
    "bool": {"true": ("false",), "false": ("true",)},
}
_SWAP_OF = {token: (kind, others) for kind, table in _SWAPS.items() for token, others in table.items()}

_LEX = re.compile(r"""
    (?P<skip>//[^\n]*|/\*.*?\*/|\\\n|\s+)
  | (?P<string>"(?:\\.|[^"\\\n])*")
  | (?P<char>'(?:\\.|[^'\\\n])*')
  | (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|[0-9]+[uUlL]*)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<op><<=|>>=|->|\+\+|--|\.\.\.|&&|\|\||[-+*/%&|^]=|<<|>>|<=|>=|==|!=|\#\#|.)
""", re.X | re.S)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\\n|\\.)*", re.M)
_DEFINE = re.compile(r"[ \t]*#[ \t]*define[ \t]+\w+(?:\([^)]*\))?")
# What such a call says cannot be false on any input; coverage leaves its failure out as well.
_INVARIANTS = {"CHECK", "_Static_assert", "static_assert"}
_NOT_A_STATEMENT = {"return", "if", "for", "while", "do", "switch", "case", "default", "else", "goto", "struct", "enum",
                    "union", "const", "static", "extern", "typedef", "volatile", "unsigned", "_Static_assert", "char",
                    "int", "long", "void"}


class Mutant:
    """One edit: text[start:end] becomes `new`; several edits for a lock."""

    def __init__(self, path, kind, text, edits):
        self.path = path
        self.kind = kind
        self.edits = edits
        first = edits[0][0]
        self.line = text.count("\n", 0, first) + 1
        self.text = self._apply(text)
        top = text.rfind("\n", 0, first) + 1
        bottom = text.find("\n", max(e[1] for e in edits[:1]))
        bottom = len(text) if bottom < 0 else bottom
        self.before = " ".join(text[top:bottom].split())
        grown = sum(len(new) - (end - start) for start, end, new in edits[:1])
        self.after = " ".join(self.text[top:bottom + grown].split())

    def _apply(self, text):
        for start, end, new in sorted(self.edits, reverse=True):
            lines = text.count("\n", start, end) - new.count("\n")
            text = text[:start] + new + "\n" * max(lines, 0) + text[end:]
        return text

    @property
    def change(self):
        return "%s => %s" % (self.before, self.after)

    def __str__(self):
        return "%s:%d: [%s] %s" % (self.path, self.line, self.kind, self.change)


class Token:
    def __init__(self, kind, text, start, macro):
        self.kind, self.text, self.start, self.end, self.macro = kind, text, start, start + len(text), macro


def _lex(text, start, end, macro):
    for m in _LEX.finditer(text, start, end):
        if m.lastgroup != "skip":
            yield Token(m.lastgroup, m.group(0), m.start(), macro)


def tokens(text):
    """The tokens of code and of macro bodies; other directives are left out."""
    found = []
    # A comment may hold what looks like a directive: comments are blanked for the search.
    plain = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m.group(0)), text, flags=re.S)
    at = 0
    for m in _DIRECTIVE.finditer(plain):
        found += _lex(plain, at, m.start(), False)
        define = _DEFINE.match(plain, m.start(), m.end())
        if define:
            found += _lex(plain, define.end(), m.end(), True)
        at = m.end()
    return found + list(_lex(plain, at, len(plain), False))


def enumerators(texts):
    """Enumerator -> the next one of its enum."""
    following = {}
    for text in texts:
        plain = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        for body in re.findall(r"\benum\s*\w*\s*\{([^}]*)\}", plain):
            names = re.findall(r"(?:^|,)\s*([A-Za-z_]\w*)", body)
            if len(names) > 1:
                following.update(zip(names, names[1:] + names[:1]))
    return following


def _close(toks, i):
    """Index of the bracket that closes toks[i]."""
    pairs = {"(": ")", "{": "}", "[": "]"}
    opening, closing = toks[i].text, pairs[toks[i].text]
    depth = 0
    for k in range(i, len(toks)):
        depth += (toks[k].text == opening) - (toks[k].text == closing)
        if depth == 0:
            return k
    return len(toks) - 1


def _silent(toks):
    """Indices that are not mutated: invariants and the definitions of enums."""
    quiet = set()
    for i, t in enumerate(toks[:-1]):
        if t.text in _INVARIANTS and toks[i + 1].text == "(":
            quiet.update(range(i, _close(toks, i + 1) + 2))
        if t.text == "enum":
            k = i + 1 if toks[i + 1].text == "{" else i + 2
            if k < len(toks) and toks[k].text == "{":
                quiet.update(range(i, _close(toks, k) + 1))
    return quiet


def _numbers(token):
    m = re.match(r"(0[xX][0-9a-fA-F]+|[0-9]+)([uUlL]*)$", token)
    value, suffix = int(m.group(1), 0), m.group(2)
    shape = "0x%x" if m.group(1)[:2] in ("0x", "0X") else "%d"
    wanted = [value + 1] + ([value - 1] if value > 0 else []) + ([0] if value > 1 else [])
    return [shape % v + suffix for v in wanted]


def _ends_operand(token):
    return token.kind in ("name", "number", "char") and token.text != "return" or token.text in (")", "]")


def _tokenwise(toks, quiet, following):
    for i, t in enumerate(toks):
        if i in quiet:
            continue
        if t.text in ("*", "&", "+", "-") and (i == 0 or not _ends_operand(toks[i - 1])):
            continue  # a pointer, an address, a sign
        if t.text in _SWAP_OF and t.kind in ("op", "name"):
            kind, others = _SWAP_OF[t.text]
            for new in others:
                yield kind, [(t.start, t.end, new)]
        elif t.kind == "number":
            for new in _numbers(t.text):
                yield "constant", [(t.start, t.end, new)]
        elif t.kind == "name" and t.text in following and (i == 0 or toks[i - 1].text not in (".", "->")):
            yield "enum", [(t.start, t.end, following[t.text])]


def _conditions(toks, quiet):
    for i, t in enumerate(toks[:-1]):
        if i in quiet or t.text not in ("if", "while") or toks[i + 1].text != "(":
            continue
        start, end = toks[i + 1].start + 1, toks[_close(toks, i + 1)].start
        yield "condition", [(start, start, "!("), (end, end, ")")]
        if t.text == "if":
            yield "condition", [(start, start, "true || ("), (end, end, ")")]
        yield "condition", [(start, start, "false && ("), (end, end, ")")]
    for i, t in enumerate(toks):
        if t.text == "?" and i not in quiet:
            yield "condition", [(t.start, t.end, "&& false ?")]
            yield "condition", [(t.start, t.end, "|| true ?")]


def _statement(toks, i):
    """If a statement without a value of its own for the flow begins at i: the index of its semicolon, else None."""
    t = toks[i]
    if t.text in ("break", "continue"):
        return i + 1
    if t.kind not in ("name",) and t.text not in ("(", "*", "++", "--"):
        return None
    if t.text in _NOT_A_STATEMENT or (t.kind == "name" and toks[i + 1].kind == "name"):
        return None
    if t.kind == "name" and toks[i + 1].text == "*":
        return None  # a pointer's declaration
    k = i
    while k < len(toks) and toks[k].text != ";":
        if toks[k].text in ("(", "{", "["):
            k = _close(toks, k)
        elif toks[k].text == "}":
            return None
        k += 1
    return k if k < len(toks) else None


def _drops(toks, quiet):
    depth = 0
    for i, t in enumerate(toks[:-1]):
        depth += (t.text == "(") - (t.text == ")")
        if t.macro or i in quiet:
            continue
        begins = (depth == 0 and t.text in (";", "{", "}", ")", ":")) or t.text == "else"
        if not begins or i + 1 in quiet:
            continue
        end = _statement(toks, i + 1)
        if end is not None and toks[end].text == ";":
            yield "drop", [(toks[i + 1].start, toks[end].end, ";")]


def _locks(text, toks):
    """Both halves of a critical section gone: from a spin_lock to the unlocks of the same lock in its function."""
    for i, t in enumerate(toks):
        if t.text != "spin_lock" or toks[i + 1].text != "(" or toks[i - 1].kind == "name":
            continue
        close = _close(toks, i + 1)
        lock = text[toks[i + 1].start:toks[close].end]
        edits = [(t.start, toks[close].end, "(void)0")]
        end = text.find("\n}", t.start)
        for m in re.finditer(r"spin_unlock" + re.escape(lock), text[t.start:end]):
            edits.append((t.start + m.start(), t.start + m.end(), "(void)0"))
        yield "lock", edits


def of_file(path, text, following):
    """All mutants of one file."""
    toks = tokens(text)
    quiet = _silent(toks)
    every = [*_tokenwise(toks, quiet, following), *_conditions(toks, quiet), *_drops(toks, quiet), *_locks(text, toks)]
    return [(kind, edits) for kind, edits in every if edits]


def draw(seed, texts, following):
    """Mutants in the order of the draw: texts is {path: text}. A mutant's place depends on seed, path, line and change,
    and on how many of its kind there are, so that a small edit of the tree keeps most of a draw."""
    places = {}
    for path, text in sorted(texts.items()):
        for kind, edits in of_file(path, text, following):
            places.setdefault(kind, {}).setdefault(path, []).append(edits)
    keyed = []
    for kind, by_path in places.items():
        # A file's share grows as the root of its places: tables of constants would else be most of the draw.
        share = {path: math.sqrt(len(edits)) for path, edits in by_path.items()}
        whole = sum(share.values())
        for path, edits in by_path.items():
            weight = WEIGHT[kind] * share[path] / whole / len(edits)
            starts = [m.start() for m in re.finditer("\n", texts[path])]
            for edit in edits:
                line = bisect.bisect(starts, edit[0][0])
                column = edit[0][0] - (starts[line - 1] if line else 0)
                name = "%s|%s|%s|%d|%d|%r" % (seed, path, kind, line, column, [e[2] for e in edit])
                u = (int.from_bytes(hashlib.sha256(name.encode()).digest()[:7], "big") + 1) / (1 << 56)
                keyed.append((-math.log(u) / weight, path, kind, edit))
    for _, path, kind, edit in sorted(keyed):
        yield Mutant(path, kind, texts[path], edit)
