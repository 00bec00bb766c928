import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../../lib/exec.ts'
import { arrange, emptyLayout } from './arrange.ts'
import { headVersion, renderConfig, renderMap, withHeadOf } from './render.ts'
import type { AppRoute, RouterSettings } from './routes.ts'
import { bindAddress, ipAddress, path, portNumber, quoted, token, Unsafe } from './token.ts'

const settingsIn = (dir: string): RouterSettings => ({
  config: join(dir, 'haproxy.cfg'),
  socket: join(dir, 'router.sock'),
  master: join(dir, 'master.sock'),
  bind: ['127.0.0.1:18999', '*:18998'],
  api: { host: 'berth.test', port: 7117 },
})

const settings = settingsIn('/var/lib/berth/router')
const nothing = { backends: [], hosts: new Map(), wildcards: new Map() }
const good: AppRoute = {
  app: 'good',
  hosts: ['good.test'],
  servers: [{ id: 'g1', address: '10.0.0.1', port: 80, state: 'ready' }],
}

const hostile = [
  'a b',
  'a\nserver evil 6.6.6.6:80',
  'a\r',
  'a\0',
  'a#b',
  'a"b',
  "a'b",
  'a\\b',
  'a;b',
  'a/b',
  'a,b',
  '$(id)',
  '$' + '{HOME}',
  '%[src]',
  '-x',
  '.',
  '',
  ' ',
  'a\u2028b',
  'ü.test',
  'a\tb',
  '<<',
  '*',
  'a'.repeat(300),
  '{a}',
  '!a',
  '@1',
  '`id`',
  'a|b',
  'a&b',
]

test('one word without meaning passes, all else is refused', () => {
  for (const text of ['blog.test', 'b1', 'a-b_c.d', '0abc']) assert.equal(token(text), text)
  for (const text of hostile) assert.throws(() => token(text), Unsafe, JSON.stringify(text))
})

test('addresses, ports, paths and quoted text', () => {
  for (const text of ['10.0.0.1', '::1', 'fd00::1:2']) assert.equal(ipAddress(text), text)
  for (const text of ['10.0.0', 'host', '10.0.0.1 ', '1;2', '']) assert.throws(() => ipAddress(text), Unsafe)
  for (const port of [0, 65_536, 1.5, Number.NaN, -1]) assert.throws(() => portNumber(port), Unsafe)
  for (const text of ['/a b', '/a;b', "/a'b", '/a\nb', '']) assert.throws(() => path(text), Unsafe)
  for (const text of ["it's", 'a\nb', 'a\0b']) assert.throws(() => quoted(text), Unsafe)
  for (const text of ['*', '*:80 ssl', '*:80\n']) assert.throws(() => bindAddress(text), Unsafe)
})

test('hostile names of one app leave the configuration valid and the others served', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'berth-render-'))
  t.after(() => rm(dir, { recursive: true }))
  const here = settingsIn(dir)
  const routes: AppRoute[] = hostile.flatMap((text) => [
    { ...good, app: text, hosts: ['x.test'] },
    { ...good, app: 'named', hosts: [text, `*.${text}`] },
    {
      app: `ok-${hostile.indexOf(text)}`,
      hosts: [text, `h${hostile.indexOf(text)}.test`],
      servers: [{ ...good.servers[0], id: text, address: text, port: 80, state: 'ready' }],
    },
  ])
  const layout = arrange([...routes, good], nothing, new Map(), here)
  assert.equal(layout.hosts.get('good.test'), layout.apps.get('good'))
  await writeFile(join(dir, 'hosts.map'), renderMap(layout.hosts))
  await writeFile(join(dir, 'wildcards.map'), renderMap(layout.wildcards))
  const text = renderConfig(here, layout)
  await writeFile(here.config, text)
  const { code, stderr } = await run(['haproxy', '-c', '-q', '-f', here.config])
  assert.equal(stderr, '')
  assert.equal(code, 0)
  assert.deepEqual(
    [...text.matchAll(/^ {2}server (\S+)/gm)].map(([, id]) => id),
    ['local', 'g1'],
  )
})

test('draining servers are not in the file: a new worker has no requests for them to finish', () => {
  const route: AppRoute = {
    ...good,
    servers: [...good.servers, { id: 'old', address: '10.0.0.2', port: 80, state: 'drain' }],
  }
  const text = renderConfig(settings, arrange([route], nothing, new Map(), settings))
  assert.match(text, /^backend b1 from app # good\n {2}server g1 10\.0\.0\.1:80 .*\n(?!.*old)/m)
})

test('another port keeps the apps, and HAProxy can be told to be of the old settings', () => {
  const moved = { ...settings, bind: ['*:8080'] }
  const before = renderConfig(settings, arrange([good], nothing, new Map(), settings))
  const after = withHeadOf(moved, before)
  assert.match(after, /bind \*:8080/)
  assert.match(after, /server g1 /)
  assert.notEqual(headVersion(moved), headVersion(settings))
  assert.equal(withHeadOf(settings, before), before)
})

test('the first file has spare backends and the way to the API', () => {
  const layout = emptyLayout(settings)
  assert.equal(layout.backends.length, 32)
  assert.equal(renderMap(layout.hosts), 'berth.test api\n')
})
