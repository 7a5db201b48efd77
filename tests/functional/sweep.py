#!/usr/bin/env python3
"""Every operation of the published description, asked of the real program by nobody and by one
account of each role: who may and who may not is what the description says. The same sweep over
every route, with tokens and cross-site writes, is src/api/sweep_test.cpp."""

import http.client
import json
import re
import time
import urllib.parse

from support import Case, main

ROLES = ("reader", "editor", "focal_point", "coder", "expert", "analyst", "publisher", "officer",
         "auditor", "administrator")
METHODS = ("get", "post", "put", "patch", "delete")


class Client:
    """A browser or a program: keeps cookies, or sends a token."""

    def __init__(self, port, token=None):
        self.port, self.token, self.cookies, self.csrf = port, token, {}, None

    def ask(self, method, path, body=None, headers=()):
        for _ in range(40):
            answer = self._ask(method, path, body, dict(headers))
            if answer.status != 429:
                return answer
            time.sleep(float(answer.headers.get("Retry-After", "1")))
        raise AssertionError(f"{method} {path}: too many requests, for too long")

    def _ask(self, method, path, body, headers):
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.csrf:
            headers.setdefault("X-CSRF-Token", self.csrf)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.body = answer.read()
        finally:
            connection.close()
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, value = header.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer

    def sign_in(self, name, password):
        form = urllib.parse.urlencode({"name": name, "password": password, "next": "/en/themes"})
        answer = self.ask("POST", "/en/sign-in", form,
                          {"Content-Type": "application/x-www-form-urlencoded"})
        if answer.status == 303:
            self.csrf = json.loads(self.ask("GET", "/api/v1/me").body)["csrf"]
        return answer


def sample(parameter):
    schema = parameter.get("schema", {})
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "integer":
        return str(schema.get("minimum", 0))
    return "2024-02-29" if schema.get("format") == "date" else "x"


def operations(description):
    """(method, path with samples, operation) of everything that the description lists."""
    for pattern, item in description["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            operation = item[method]
            parameters = [p for p in item.get("parameters", []) + operation.get("parameters", [])
                          if p.get("in") in ("path", "query")]
            values = {p["name"]: urllib.parse.quote(sample(p)) for p in parameters}
            path = re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], "en"), pattern)
            query = "&".join(f"{p['name']}={values[p['name']]}" for p in parameters
                             if p["in"] == "query" and p.get("required"))
            yield method.upper(), path + ("?" + query if query else ""), operation


class Sweep(Case):
    def setUp(self):
        super().setUp()
        self.folder = self.node("node")
        self.passwords = {}
        server = self.serve(self.folder)
        self.port = server.port
        nobody = Client(self.port)
        self.description = json.loads(nobody.ask("GET", "/api/openapi.json").body)
        self.assertGreater(len(list(operations(self.description))), 10)

    def add(self, role):
        """An account of that role, made beside the running server."""
        given = "focal_point@PAN" if role == "focal_point" else role
        made = self.ok("user", "add", "--node", self.folder, role.replace("_", "-"), "--role", given,
                       "--generate", "--format", "json").json
        self.assertEqual(made["roles"], [given])
        self.passwords[role] = made["password"]

    def person(self, role):
        self.add(role)
        person = Client(self.port)
        answer = person.sign_in(role.replace("_", "-"), self.passwords[role])
        self.assertEqual(answer.status, 303, role)
        self.assertEqual(answer.headers["Location"], "/en/themes")
        return person

    def send(self, client, method, path, operation):
        content = operation.get("requestBody", {}).get("content", {})
        headers, body = {}, None
        if content:
            kind = next(iter(content))
            headers["Content-Type"] = kind
            body = "{}" if kind == "application/json" else "x=1"
        return client.ask(method, path, body, headers).status

    def test_each_role_may_do_what_the_description_says(self):
        people = [(None, Client(self.port)), *((role, self.person(role)) for role in ROLES)]
        for method, path, operation in operations(self.description):
            allowed = operation.get("x-roles")
            for role, client in people:
                status = self.send(client, method, path, operation)
                with self.subTest(method=method, path=path, role=role, status=status):
                    if allowed is None or role in allowed:
                        self.assertNotIn(status, (401, 403, 405))
                        self.assertLess(status, 500)
                    else:
                        self.assertEqual(status, 403 if role else 401)

    def test_tokens_reach_as_far_as_their_scope(self):
        scopes = {}
        for method, path, operation in operations(self.description):
            if "x-scope" in operation and "x-roles" in operation:
                scopes.setdefault(operation["x-scope"], []).append((method, path, operation))
        self.assertIn("me:read", scopes)
        for scope, listed in scopes.items():
            role = listed[0][2]["x-roles"][0]
            if role not in self.passwords:
                self.add(role)
            # Of those that the role may have at all: other scopes are refused when the token is made.
            other = [name for name in sorted(scopes) if name != scope and
                     any(role in operation["x-roles"] for _, _, operation in scopes[name])][:1]
            for given in (scope, *other):
                token = self.ok("user", "token", "--node", self.folder, role.replace("_", "-"),
                                "--token-name", given, "--scope", given, "--format",
                                "json").json["token"]
                client = Client(self.port, token)
                for method, path, operation in listed:
                    if role not in operation["x-roles"]:
                        continue
                    status = self.send(client, method, path, operation)
                    with self.subTest(method=method, path=path, scope=given, status=status):
                        if given == scope:
                            self.assertNotIn(status, (401, 403, 405))
                            self.assertLess(status, 500)
                        else:
                            self.assertEqual(status, 403)

    def test_what_the_command_line_takes_away_is_gone_at_once(self):
        role = "reader"
        person = self.person(role)
        self.add("administrator")
        self.assertEqual(person.ask("GET", "/api/v1/me").status, 200)
        token = self.ok("user", "token", "--node", self.folder, role, "--token-name", "t",
                        "--scope", "me:read", "--format", "json").json["token"]
        program = Client(self.port, token)
        self.assertEqual(program.ask("GET", "/api/v1/me").status, 200)
        self.ok("user", "disable", "--node", self.folder, role)
        self.assertEqual(person.ask("GET", "/api/v1/me").status, 401)
        self.assertEqual(program.ask("GET", "/api/v1/me").status, 401)
        refused = Client(self.port).sign_in(role, self.passwords[role])
        self.assertEqual(refused.status, 401)
        self.assertIsNone(refused.headers.get("Set-Cookie"))
        self.fails(5, "user", "disable", "--node", self.folder, "administrator",
                   reason="identity.last_administrator")


if __name__ == "__main__":
    main()
