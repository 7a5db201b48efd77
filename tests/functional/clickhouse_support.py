#!/usr/bin/env python3
"""Two private ClickHouse servers for tests: on loopback, with ports and folders of their own.

    clickhouse_support.py run COMMAND…   runs the command with ATALAYA_TEST_CLICKHOUSE (address of
                                         the cluster without a database) and
                                         ATALAYA_TEST_CLICKHOUSE_CREDENTIALS (a file) set

Where ClickHouse is not installed it says so and leaves with 77, which CTest counts as skipped. The
system's own service, its settings and its data are not touched.
"""

import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

SKIPPED = 77
USER = "atalaya"

CONFIG = """<yandex>
 <logger><level>warning</level><log>{folder}/log</log><errorlog>{folder}/errors</errorlog></logger>
 <http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
 <interserver_http_port>{interserver}</interserver_http_port>
 <listen_host>127.0.0.1</listen_host>
 <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>
 <user_files_path>{folder}/files/</user_files_path>
 <users_config>{folder}/users.xml</users_config>
 <default_profile>default</default_profile><default_database>default</default_database>
 <mark_cache_size>67108864</mark_cache_size>
 <remote_servers><atalaya>{shards}</atalaya></remote_servers>
</yandex>
"""

SHARD = """<shard><replica><host>127.0.0.1</host><port>{tcp}</port>
 <user>{user}</user><password>{password}</password></replica></shard>"""

USERS = """<yandex>
 <profiles><default><max_memory_usage>1000000000</max_memory_usage><max_threads>2</max_threads>
 </default></profiles>
 <users><{user}><password>{password}</password><networks><ip>127.0.0.1</ip></networks>
 <profile>default</profile><quota>default</quota></{user}></users>
 <quotas><default></default></quotas>
</yandex>
"""


def program():
    """The server's command, or none. Newer packages have one program for everything."""
    for name in ("clickhouse-server", "/usr/sbin/clickhouse-server"):
        if found := shutil.which(name):
            return [found]
    found = shutil.which("clickhouse")
    return [found, "server"] if found else None


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Servers:
    """`count` servers that know one another as the cluster "atalaya"."""

    def __init__(self, count=2):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="atalaya-clickhouse-"))
        self.password = secrets.token_hex(12)
        self.ports = [free_ports(3) for _ in range(count)]
        self.processes = [None] * count
        shards = "".join(SHARD.format(tcp=tcp, user=USER, password=self.password)
                         for _, tcp, _ in self.ports)
        for i, (http, tcp, interserver) in enumerate(self.ports):
            folder = self.folder / str(i)
            folder.mkdir(mode=0o700)
            (folder / "config.xml").write_text(CONFIG.format(
                folder=folder, http=http, tcp=tcp, interserver=interserver, shards=shards))
            (folder / "users.xml").write_text(USERS.format(user=USER, password=self.password))
        self.credentials = self.folder / "credentials.toml"
        self.credentials.write_text(f'user = "{USER}"\npassword = "{self.password}"\n')
        self.credentials.chmod(0o600)

    @property
    def address(self):
        return "clickhouse://" + ",".join(f"127.0.0.1:{http}" for http, _, _ in self.ports)

    def start(self, i):
        self.processes[i] = subprocess.Popen(
            [*program(), f"--config-file={self.folder / str(i) / 'config.xml'}"],
            cwd=self.folder / str(i), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def wait(self, i, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.ask(i, "SELECT 1")
                return
            except OSError:
                if self.processes[i].poll() is not None or time.monotonic() > deadline:
                    log = self.folder / str(i) / "errors"
                    sys.exit(f"ClickHouse did not start: {log.read_text()[-2000:]}"
                             if log.exists() else "ClickHouse did not start")
                time.sleep(0.1)

    def ask(self, i, query):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports[i][0]}/", data=query.encode(),
            headers={"X-ClickHouse-User": USER, "X-ClickHouse-Key": self.password})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    def kill(self, i):
        self.processes[i].kill()
        self.processes[i].wait()

    def pause(self, i):
        self.processes[i].send_signal(signal.SIGSTOP)

    def __enter__(self):
        for i in range(len(self.processes)):
            self.start(i)
        for i in range(len(self.processes)):
            self.wait(i)
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "run":
        sys.exit(__doc__)
    if program() is None:
        print("clickhouse_support: ClickHouse is not installed (scripts/setup test); SKIPPED",
              file=sys.stderr)
        sys.exit(SKIPPED)
    with Servers() as servers:
        environment = dict(os.environ, ATALAYA_TEST_CLICKHOUSE=servers.address,
                           ATALAYA_TEST_CLICKHOUSE_CREDENTIALS=str(servers.credentials))
        sys.exit(subprocess.run(sys.argv[2:], env=environment, check=False).returncode)


if __name__ == "__main__":
    main()
