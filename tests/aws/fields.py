"""Which fields of an answer of AWS a JMESPath names, and which of them the answer does not have.

For those that it does not have it would give null for ever.
"""

import jmespath.parser
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

# What a JMESPath gives is a shape of botocore's; or, where it makes something itself, a dict of what its keys give,
# a list of one such, or None where nothing is known of it.


def read(query, given):
    """What `query` gives over `given`, and what is wrong with it."""
    reader = _Reader()
    return reader.visit(jmespath.parser.Parser().parse(query).parsed, given), reader.wrong


def sample(shape, *queries):
    """An answer of this shape with each field once that one of the queries names, or that is always there.

    A query is its text and what it is over, of which the shape is a part.
    """
    reader = _Reader()
    for query, given in queries:
        reader.visit(jmespath.parser.Parser().parse(query).parsed, given)
    return _sample(shape, reader.named)


def _sample(shape, named):
    match shape.type_name:
        case "structure":
            wanted = {name for name in shape.members if (shape.name, name) in named} | {*shape.required_members}
            return {name: _sample(each, named) for name, each in shape.members.items() if name in wanted}
        case "list":
            return [_sample(shape.member, named)]
        case "map":
            return {"KEY": _sample(shape.value, named)}
        case "boolean":
            return True
        case "integer" | "long":
            return shape.metadata.get("min", 0)
        case _:
            return (getattr(shape, "enum", None) or ["." * max(3, shape.metadata.get("min", 0))])[0]


class _Reader:
    def __init__(self):
        self.wrong = []
        self.named = set()

    def visit(self, node, given):
        return getattr(self, node["type"])(node, given)

    def all(self, node, given):
        return [self.visit(each, given) for each in node["children"]]

    def field(self, node, given):
        name = node["value"]
        members = given.members if isinstance(given, StructureShape) else given
        self.named.add((getattr(given, "name", ""), name))
        match members:
            case None:
                return None
            case MapShape():
                return members.value
            case dict() if name in members:
                return members[name]
            case dict():
                self.wrong.append(f"{getattr(given, 'name', 'what the first call gives')} has no {name}")
            case _:
                self.wrong.append(f"{name} is asked of {_said(given)}, which has no fields")
        return None

    def subexpression(self, node, given):
        for each in node["children"]:
            given = self.visit(each, given)
        return given

    index_expression = pipe = subexpression

    def index(self, node, given):
        return self._member(given)

    def projection(self, node, given):
        source, then = node["children"]
        return [self.visit(then, self._member(self.visit(source, given)))]

    def filter_projection(self, node, given):
        source, then, condition = node["children"]
        member = self._member(self.visit(source, given))
        self.visit(condition, member)
        return [self.visit(then, member)]

    def flatten(self, node, given):
        member = self._member(self.visit(node["children"][0], given))
        return [self._member(member) if isinstance(member, list | ListShape) else member]

    def multi_select_dict(self, node, given):
        return {each["value"]: self.visit(each["children"][0], given) for each in node["children"]}

    def multi_select_list(self, node, given):
        return [_merged(self.all(node, given))]

    def or_expression(self, node, given):
        return _merged(self.all(node, given))

    def and_expression(self, node, given):
        return self.all(node, given)[-1]

    def not_expression(self, node, given):
        self.all(node, given)

    def comparator(self, node, given):
        left, right = node["children"]
        shape, literal = self.visit(left, given), right.get("value") if right["type"] == "literal" else None
        if isinstance(shape, StringShape) and shape.enum and literal and literal not in shape.enum:
            self.wrong.append(f"{shape.name} is never {literal!r}, but {', '.join(shape.enum)}")
        self.visit(right, given)

    def function_expression(self, node, given):
        found = self.all(node, given)
        return _merged(found) if node["value"] == "not_null" else None

    def literal(self, node, given):
        return None

    def current(self, node, given):
        return given

    identity = current

    def _member(self, given):
        match given:
            case None:
                return None
            case list():
                return given[0]
            case ListShape():
                return given.member
        self.wrong.append(f"{_said(given)} is no list")
        return None


def _said(given):
    return given.name if isinstance(given, Shape) else "what the query makes"


def _merged(found):
    """What may be any of several: lists of what their members may be, dicts with the keys of all."""
    found = [each for each in found if each is not None]
    if found and all(isinstance(each, dict) for each in found):
        return {key: value for each in found for key, value in each.items()}
    if found and all(isinstance(each, list) for each in found):
        return [_merged([each[0] for each in found])]
    return found[0] if found else None
