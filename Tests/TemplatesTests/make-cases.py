#!/usr/bin/env python3
"""Writes jinja2.json, what the real Jinja2 makes of the templates below.

    pip install jinja2==3.1.6
    python3 Tests/TemplatesTests/make-cases.py > Tests/TemplatesTests/jinja2.json

A case with "error": true is one that Jinja2 refuses. JinjaTests.swift compares, and lists what is meant to differ.
"""
import json
import jinja2

VARIABLES = {
    "who": "me", "empty": "", "n": 3, "big": 9007199254740993, "f": 2.5, "whole": 2.0, "t": True, "nothing": None,
    "words": ["b", "a", "C"], "numbers": [3, 1, 2], "none_at_all": [],
    "port": {"get_input": "port"}, "nested": {"a": {"b": [1, 2, {"c": "x"}]}},
    "pairs": [["a", 1], ["b", 2]], "html": "<a href='x'>&</a>", "lines": "one\ntwo\n\nthree",
    "quote": "it's", "umlaut": "Grün", "servers": [{"name": "web", "port": 80}, {"name": "db", "port": 5432}],
}

TEMPLATES = """
hello {{ who }}
{{who}}{{ n }}{{ f }}{{ whole }}{{ t }}{{ nothing }}
[{{ missing }}]
{{ missing.attribute }}
[{{ port.missing }}]
{{ port.missing.deeper }}
{{ port }} {{ nested }} {{ words }} {{ none_at_all }}
{{ port.get_input }} {{ port['get_input'] }} {{ nested.a.b[2].c }} {{ nested['a']['b'][0] }} {{ nested.a.b.1 }}
{{ words[0] }}{{ words[-1] }}[{{ words[9] }}] {{ who[0] }} {{ words[1:] }} {{ words[:2] }} {{ who[1:] }}
{{ [1, 'a', none, true, 1.5] }} {{ {'a': 1, 'b': [2]} }} {{ (1, 2)[0] }}
{{ 1 + 2 * 3 }} {{ (1 + 2) * 3 }} {{ 7 // 2 }} {{ 7 % 3 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2 ** 10 }} {{ 10 / 5 }}
{{ 'a' + 'b' }} {{ 'a' ~ 1 ~ none ~ missing }} {{ 'ab' * 3 }} {{ [1] + [2] }}
{{ 1 / 0 }}
{{ 'a' + 1 }}
{{ n == 3 }} {{ n != 3 }} {{ 1 < n <= 3 }} {{ n > 3 }} {{ 'a' < 'b' }} {{ n == 3.0 }} {{ 'B' < 'a' }}
{{ 'a' in words }} {{ 'z' not in words }} {{ 'm' in who }} {{ 'get_input' in port }}
{{ n < 'a' }}
{{ true and false or true }} {{ not true }} {{ who and n }} {{ empty or 'other' }} {{ not missing }}
{{ 'yes' if t else 'no' }} [{{ 'yes' if not t }}] {{ 'a' if empty else 'b' if n else 'c' }}
{{ missing|default('x') }} {{ empty|default('x') }} {{ empty|default('x', true) }} {{ nothing|default('x') }} {{ missing|d(1) + 1 }}
{{ missing|default }}|
{{ who|upper }} {{ 'ABC'|lower }} {{ 'hello world'|capitalize }} {{ 'hello big-world'|title }} [{{ '  x '|trim }}]
{{ words|join }} {{ words|join(', ') }} {{ numbers|join('-') }} {{ none_at_all|join(',') }}[{{ missing|join(',') }}]
{{ words|length }} {{ who|count }} {{ port|length }} {{ missing|length }}
{{ n|length }}
{{ words|first }} {{ words|last }} [{{ none_at_all|first }}] [{{ none_at_all|last }}] {{ who|last }}
{{ words|sort }} {{ numbers|sort }} {{ numbers|sort(reverse=true) }} {{ numbers|sort|join(' ') }} {{ numbers|max }} {{ numbers|min }} {{ numbers|sum }}
{{ who|reverse }} {{ numbers|reverse|list }} {{ [1, 1, 2]|unique|list }}
{{ 'a-b-c'|replace('-', '+') }} {{ 'x'|replace('y', 'z') }}
{{ '42'|int + 1 }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ 3.9|int }} {{ '1.5'|float }} {{ 3|float }} {{ -3|abs }} {{ (-3)|abs }} {{ 2.567|round(2) }} {{ 2.5|round }} {{ 3.2|round(0, 'ceil') }}
{{ port|tojson }} {{ nested|tojson }} {{ html|tojson }} {{ umlaut|tojson }} {{ none|tojson }} {{ whole|tojson }}
{{ nested|tojson(indent=2) }}
{{ lines|indent }}
{{ lines|indent(2, true) }}
{{ lines|indent(width=3, blank=true) }}
{{ 5|string + 'x' }} {{ port|dictsort }} {{ {'b': 1, 'a': 2}|dictsort }} {{ 'abc'|list }}
{{ who|nofilter }}
{{ who is defined }} {{ missing is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ nothing is none }} {{ n is number }} {{ who is string }} {{ port is mapping }} {{ words is sequence }} {{ words is iterable }}
{{ n is odd }} {{ n is even }} {{ n is divisibleby 3 }} {{ n is divisibleby(2) }} {{ t is true }} {{ n is integer }} {{ f is float }} {{ t is boolean }} {{ n is eq 3 }} {{ 'a' is in words }}
{{ n is sometest }}
{% if n > 2 %}big{% elif n > 1 %}medium{% else %}small{% endif %}
{% if empty %}a{% elif none_at_all %}b{% elif nothing %}c{% elif missing %}d{% else %}e{% endif %}
{% for w in words %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.first }}{{ loop.last }}{{ loop.length }}={{ w }} {% endfor %}
{% for w in none_at_all %}x{% else %}nothing{% endfor %}
{% for w in missing %}x{% else %}nothing{% endfor %}
{% for k, v in pairs %}{{ k }}={{ v }};{% endfor %}
{% for k, v in port.items() %}{{ k }}={{ v }};{% endfor %}{% for k in port %}{{ k }}{% endfor %}
{% for w in words %}{{ loop.cycle('odd', 'even') }} {{ w }} {{ loop['index'] }} {% endfor %}
{% for w in words %}{{ loop.cycle(w) }}{% endfor %}
{% for w in words %}{{ loop.cycle() }}{% endfor %}
{% for s in servers if s.port > 100 %}{{ loop.index }} {{ s.name }}{% endfor %}
{% for s in servers %}{% for c in s.name %}{{ c }}.{% endfor %}{{ loop.index }}{% endfor %}
{% for i in range(3) %}{{ i }}{% endfor %} {% for i in range(1, 10, 3) %}{{ i }} {% endfor %}{{ range(3, 0, -1)|list }}
{% for c in who %}{{ c }}-{% endfor %}
{% for x in n %}{{ x }}{% endfor %}
{% set x = 5 %}{{ x + 1 }}{% set a, b = pairs[0] %}{{ a }}{{ b }}
{% set x = 1 %}{% for i in [1, 2] %}{% set x = i %}{% endfor %}{{ x }} {% if t %}{% set x = 9 %}{% endif %}{{ x }}
{% set block %}in {{ who }}{% endset %}<{{ block }}>
{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}[{{ a }}]
{% raw %}{{ who }} {% if %}{% endraw %} {# a comment {{ who }} #}end
a   {%- if t %}   b   {%- endif -%}   c   {{- who -}}   d
a {{- ' b ' -}} c {#- d -#} e
{{ port.get('get_input') }} {{ port.get('x', 'y') }} {{ port.get('x') }} {{ port.keys()|list }} {{ port.values()|list }}
{{ who.upper() }} {{ ' x '.strip() }} {{ 'a,b'.split(',') }} {{ 'a  b'.split() }} {{ ','.join(words) }} {{ 'abc'.replace('b', 'x') }} {{ who.startswith('m') }} {{ who.endswith('x') }}
{{ who.nomethod() }}
{{ quote }} {{ [quote] }} {{ ['a"b', 'a\\\\b', 'x\\ny'] }} {{ umlaut }} {{ [umlaut] }}
{{ 'it\\'s' }} {{ "say \\"x\\"" }} {{ '}}' }} {{ '%}' }} {{ {'a': {'b': 1}}['a']['b'] }}
{{ who }
{% if t %}x
{% for %}x{% endfor %}
{{ }}
{{ 1 + }}
{% nosuchtag %}
{% endif %}
{{ big }} {{ 1.0 }} {{ 0.1 }} {{ 1e3|int }} {{ 100000000000000000000.0 }} {{ 0.00001 }} {{ 1_000 }}
{{ words|map('upper')|join }}
{% macro m(x) %}{{ x }}{% endmacro %}{{ m(1) }}
{% include 'other' %}
{% extends 'other' %}
{% block b %}x{% endblock %}
{% import 'other' as o %}
{{ n|default(missing) }} {{ missing ~ 'x' }} {{ missing|upper }} {{ (missing)|string }}
{{ {'b': 1, 'a': 2} }}
{{ loop }}
""".strip("\n").split("\n")
TEMPLATES += ["line\n", "line\n\n", "a\r\nb\r\n", "{% if t %}\nx\n{% endif %}\ny", "{{ lines }}", ""]

cases = []
for template in TEMPLATES:
    try:
        cases.append({"template": template, "output": jinja2.Template(template).render(VARIABLES)})
    except Exception as error:
        cases.append({"template": template, "error": True, "reason": f"{type(error).__name__}: {error}"})
print(json.dumps({"jinja2": jinja2.__version__, "variables": VARIABLES, "cases": cases}, indent=1, ensure_ascii=False))
