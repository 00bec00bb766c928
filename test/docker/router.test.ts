import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { adopted, openRouter, type Router } from '../../src/agent/router/router.ts'
import type { AppRoute, RouteServer } from '../../src/agent/router/routes.ts'
import { type Backend, backend, testHaproxy, until } from '../harness/haproxy.ts'
import { get, load } from '../harness/load.ts'

const server = (id: string, { port }: Backend, state: RouteServer['state'] = 'ready'): RouteServer => ({
  id,
  address: '127.0.0.1',
  port,
  state,
})

const app = (name: string, ...servers: RouteServer[]): AppRoute => ({ app: name, hosts: [`${name}.test`], servers })

/** HAProxy and a router that is told things; `follow` resolves when HAProxy does as told. */
async function stage(t: TestContext) {
  const haproxy = await testHaproxy()
  let revision = 0
  let router: Router | undefined
  const open = async () => {
    router = await openRouter(haproxy.settings, () => undefined)
  }
  const close = async () => {
    await router?.[Symbol.asyncDispose]()
    router = undefined
  }
  t.after(async () => {
    await close()
    await haproxy[Symbol.asyncDispose]()
  })
  await open()
  haproxy.up()
  await until('HAProxy answers', async () => (await haproxy.worker()) > 0)
  return {
    haproxy,
    open,
    close,
    view: () => router?.view,
    async follow(...routes: AppRoute[]) {
      const told = performance.now()
      router?.follow(routes, ++revision)
      await until(`revision ${revision}`, () => router?.view.revision === revision, 20_000)
      return performance.now() - told
    },
    get: (host: string, headers: Record<string, string> = {}) => get({ port: haproxy.port, host, headers }),
  }
}

async function backends(t: TestContext, ...answers: Parameters<typeof backend>[0][]): Promise<Backend[]> {
  const all = await Promise.all(answers.map((answer) => backend(answer)))
  t.after(() => Promise.all(all.map((one) => one[Symbol.asyncDispose]())))
  return all
}

test('releases replace each other without a reload or a failed request', async (t) => {
  const { haproxy, follow, get } = await stage(t)
  const [one, two] = await backends(t, 'one', 'two')
  assert(one && two)
  await follow(app('blog', server('v0', one)))
  const worker = await haproxy.worker()
  const traffic = load({ port: haproxy.port, host: 'blog.test' })
  for (let release = 1; release <= 20; release++) {
    const [next, last] = release % 2 ? [two, one] : [one, two]
    await follow(app('blog', server(`v${release}`, next), server(`v${release - 1}`, last, 'drain')))
    assert.equal((await get('blog.test')).body, release % 2 ? 'two' : 'one')
    await follow(app('blog', server(`v${release}`, next)))
  }
  const { total, failed } = await traffic.stop()
  assert.deepEqual(failed, [], `of ${total}`)
  assert(total > 20)
  assert.equal(await haproxy.worker(), worker)
})

test('a new app needs no reload, and each has its own host', async (t) => {
  const { haproxy, follow, get } = await stage(t)
  const [blog, shop] = await backends(t, 'blog', 'shop')
  assert(blog && shop)
  await follow(app('blog', server('b1', blog)))
  const worker = await haproxy.worker()
  await follow(app('blog', server('b1', blog)), {
    ...app('shop', server('s1', shop)),
    hosts: ['shop.test', '*.shop.test'],
  })
  assert.equal((await get('shop.test')).body, 'shop')
  assert.equal((await get('SHOP.test:8080')).body, 'shop')
  assert.equal((await get('any.shop.test')).body, 'shop')
  assert.equal((await get('blog.test')).body, 'blog')
  assert.equal((await get('a.b.shop.test')).status, 404)
  assert.equal((await get('other.test')).status, 404)
  assert.equal(await haproxy.worker(), worker)
})

test('each request of a kept connection goes by its own host, and an exact host before a wildcard', async (t) => {
  const { haproxy, follow } = await stage(t)
  const tell = (name: string) => (request: IncomingMessage, response: ServerResponse) =>
    response.end(`${name} for ${request.headers['x-forwarded-for']} ${request.headers['x-real-ip']}`)
  const [blog, shop] = await backends(t, tell('blog'), tell('shop'))
  assert(blog && shop)
  await follow(
    { ...app('blog', server('b1', blog)), hosts: ['blog.test', 'blog.shop.test'] },
    { ...app('shop', server('s1', shop)), hosts: ['shop.test', '*.shop.test'] },
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const asked = {
    'blog.test': 'blog for 127.0.0.1 127.0.0.1',
    'any.shop.test': 'shop for 127.0.0.1 127.0.0.1',
    'blog.test.': 'blog for 127.0.0.1 127.0.0.1',
    'blog.shop.test.:80': 'blog for 127.0.0.1 127.0.0.1',
    'any.shop.test.': 'shop for 127.0.0.1 127.0.0.1',
    'other.test': undefined,
    'other.test.': undefined,
    '.': undefined,
    'BLOG.shop.test:80': 'blog for 127.0.0.1 127.0.0.1',
    'Any.Shop.test:8080': 'shop for 127.0.0.1 127.0.0.1',
    'shop.test,blog.test': undefined,
  }
  for (const [host, body] of Object.entries(asked)) {
    const answer = await get({ port: haproxy.port, host, agent })
    assert.deepEqual([answer.status, answer.body], body ? [200, body] : [404, answer.body], host)
  }
})

test('an app without a ready instance answers 503 with Retry-After, one that left 404', async (t) => {
  const { follow, get } = await stage(t)
  const [blog] = await backends(t, 'blog')
  assert(blog)
  await follow(app('blog', server('b1', blog)))
  await follow(app('blog'))
  const answer = await get('blog.test')
  assert.equal(answer.status, 503)
  assert.match(answer.body, /not running/)
  await follow()
  assert.equal((await get('blog.test', { accept: 'text/html' })).status, 404)
})

test('what a client says about where it comes from is replaced', async (t) => {
  const { follow, get, haproxy } = await stage(t)
  const [echo] = await backends(t, (request, response) => response.end(JSON.stringify(request.headers)))
  assert(echo)
  await follow(app('blog', server('b1', echo)))
  const { body } = await get('blog.test', {
    'x-forwarded-for': '6.6.6.6',
    'X-Forwarded-Server': 'evil',
    'x-forwarded-host': 'evil.test',
    'x-real-ip': '6.6.6.6',
    X_Forwarded_For: '6.6.6.6',
    forwarded: 'for=6.6.6.6',
    proxy: 'http://evil',
    kept: 'yes',
  })
  assert.deepEqual(JSON.parse(body), {
    host: 'blog.test',
    kept: 'yes',
    'x-forwarded-for': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-port': String(haproxy.port),
  })
})

test('one of two instances dies: new requests go to the other at once', async (t) => {
  const { follow, get } = await stage(t)
  const [one, two] = await backends(t, 'one', 'two')
  assert(one && two)
  await follow(app('blog', server('i1', one), server('i2', two)))
  await one[Symbol.asyncDispose]()
  const answers = await Promise.all(Array.from({ length: 20 }, () => get('blog.test')))
  assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set(['two']))
})

test('an upgraded connection stays open both ways, and counts as busy', async (t) => {
  const { follow, haproxy, view } = await stage(t)
  const [chat, next] = await backends(t, 'plain', 'next')
  assert(chat && next)
  chat.server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    socket.pipe(socket)
  })
  await follow(app('chat', server('c1', chat)))
  const client = connect(haproxy.port, '127.0.0.1')
  t.after(() => client.destroy())
  client.write('GET / HTTP/1.1\r\nHost: chat.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  await once(client, 'data')
  await follow(app('chat', server('c2', next), server('c1', chat, 'drain')))
  assert.deepEqual([...(view()?.busy ?? [])], [['c1', 1]])
  client.write('still there')
  assert.equal(String((await once(client, 'data'))[0]), 'still there')
})

test('a draining server finishes its requests, which are counted', async (t) => {
  const { follow, view, haproxy } = await stage(t)
  const finish: (() => void)[] = []
  const [old, next] = await backends(t, (_, response) => finish.push(() => response.end('old')), 'next')
  assert(old && next)
  await follow(app('blog', server('old', old)))
  const slow = get({ port: haproxy.port, host: 'blog.test' })
  await until('the request is under way', () => finish.length === 1)
  await follow(app('blog', server('next', next), server('old', old, 'drain')))
  assert.deepEqual([...(view()?.busy ?? [])], [['old', 1]])
  assert.equal((await get({ port: haproxy.port, host: 'blog.test' })).body, 'next')
  for (const end of finish) end()
  assert.equal((await slow).body, 'old')
  await until('nothing is busy', () => view()?.busy.size === 0)
})

test('a restarted agent adopts the router as it is', async (t) => {
  const { haproxy, follow, open, close, get } = await stage(t)
  const [blog, shop] = await backends(t, 'blog', 'shop')
  assert(blog && shop)
  const routes = [app('blog', server('b1', blog)), app('shop', server('s1', shop))]
  await follow(...routes)
  const worker = await haproxy.worker()
  const traffic = load({ port: haproxy.port, host: 'shop.test' })
  await close()
  assert.deepEqual([...(await adopted(haproxy.settings))].sort(), ['b1', 's1'])
  await open()
  await follow(...routes.toReversed())
  assert.deepEqual((await traffic.stop()).failed, [])
  assert.equal(await haproxy.worker(), worker)
  assert.equal((await get('blog.test')).body, 'blog')
})

test('HAProxy killed comes back as it was, without and with the agent', async (t) => {
  const { haproxy, follow, open, close, get } = await stage(t)
  const [blog, next] = await backends(t, 'blog', 'next')
  assert(blog && next)
  await follow(app('blog', server('b1', blog)))
  await until('the file is written', async () => /server b1 /.test(await readFile(haproxy.settings.config, 'utf8')))
  await close()
  await killed(haproxy)
  assert.equal((await get('blog.test')).body, 'blog')
  await open()
  await killed(haproxy)
  await follow(app('blog', server('b2', next)))
  assert.equal((await get('blog.test')).body, 'next')
})

async function killed(haproxy: Awaited<ReturnType<typeof testHaproxy>>) {
  const before = await haproxy.worker()
  haproxy.kill()
  await until('another HAProxy answers', async () => (await haproxy.worker()) !== before, 15_000)
}

test('other settings mean one reload, which keeps the apps', async (t) => {
  const { haproxy, follow, close, get } = await stage(t)
  const [blog, api] = await backends(t, 'blog', 'api')
  assert(blog && api)
  await follow(app('blog', server('b1', blog)))
  const worker = await haproxy.worker()
  const traffic = load({ port: haproxy.port, host: 'blog.test' })
  await close()
  const changed = await openRouter(
    { ...haproxy.settings, api: { host: 'berth.test', port: api.port } },
    () => undefined,
  )
  t.after(() => changed[Symbol.asyncDispose]())
  changed.follow([app('blog', server('b1', blog))], 9)
  await until('the new worker', async () => (await haproxy.worker()) !== worker)
  assert.equal((await get('berth.test')).body, 'api')
  assert.deepEqual((await traffic.stop()).failed, [])
})

test('more apps than spare backends: one reload, nothing fails', async (t) => {
  const { haproxy, follow, get } = await stage(t)
  const [all] = await backends(t, 'all')
  assert(all)
  const routes = (count: number) => Array.from({ length: count }, (_, n) => app(`app-${n}`, server(`i${n}`, all)))
  await follow(...routes(3))
  const worker = await haproxy.worker()
  const traffic = load({ port: haproxy.port, host: 'app-1.test' })
  await follow(...routes(60))
  assert.notEqual(await haproxy.worker(), worker)
  assert.equal((await get('app-59.test')).body, 'all')
  await sleep(200)
  const { total, failed } = await traffic.stop()
  assert.deepEqual(failed, [], `of ${total}`)
})

test('a thousand apps, and one change among them costs the same', async (t) => {
  const { haproxy, follow, get } = await stage(t)
  const [all] = await backends(t, 'all')
  assert(all)
  const routes = Array.from({ length: 1_000 }, (_, n) => app(`app-${n}`, server(`i${n}`, all)))
  await follow(...routes)
  const worker = await haproxy.worker()
  assert.equal((await get('app-999.test')).body, 'all')
  const ms = await follow(...routes.with(500, app('app-500', server('new', all))))
  t.diagnostic(`one change among 1,000 apps: ${ms.toFixed(1)} ms`)
  assert.equal((await get('app-500.test')).body, 'all')
  assert.equal(await haproxy.worker(), worker)
})
