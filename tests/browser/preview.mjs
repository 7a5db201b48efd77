// node preview.mjs DIR PORT: serves pages written by ATALAYA_PREVIEW=DIR atalaya_api_test, with the
// headers and the compression that a node sends, for work on the pages without a node.

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import zlib from 'node:zlib';

const [dir, port] = process.argv.slice(2);
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
// The policy that a node sends stands in one place.
const source = fs.readFileSync(new URL('../../src/http/finish.cpp', import.meta.url), 'utf8');
const policy = [...source.match(/"Content-Security-Policy",\s*((?:"[^"]*"\s*)+)/)[1].matchAll(/"([^"]*)"/g)]
  .map((part) => part[1]).join('');
http.createServer((request, response) => {
  let name = new URL(request.url, 'http://x').pathname.replace(/\.\.+/g, '');
  if (name.endsWith('/')) name += 'index';
  const file = path.join(dir, path.extname(name) ? name : `${name}.html`);
  if (!fs.existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  const bytes = fs.readFileSync(file);
  const compress = path.extname(file) !== '.woff2';
  response.writeHead(200, { 'Content-Type': types[path.extname(file)], 'Content-Security-Policy': policy,
    ...(compress ? { 'Content-Encoding': 'br' } : {}) });
  response.end(compress ? zlib.brotliCompressSync(bytes) : bytes);
}).listen(Number(port), '127.0.0.1');
