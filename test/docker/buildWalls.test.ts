import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { buildInside } from '../harness/buildInside.ts'
import { loadStack, type Machine, startMachine } from '../harness/machine.ts'

/** A machine with an Engine of its own, whose disk is small. */
async function engineMachine(t: TestContext, diskMb: number): Promise<Machine> {
  const machine = await startMachine(t)
  await fine(machine, `mount -t tmpfs -o size=${diskMb}m,mode=711 docker /var/lib/docker`)
  await loadStack(machine)
  await fine(
    machine,
    'setsid dockerd --pidfile= >/dev/null 2>&1 </dev/null & until docker version >/dev/null 2>&1; do sleep 0.1; done',
  )
  return machine
}

async function fine(machine: Machine, script: string): Promise<string> {
  const { code, stdout, stderr } = await machine.run(['sh', '-c', script])
  assert.equal(code, 0, stderr)
  return stdout.trim()
}

const stack = 'FROM berth/stack:bookworm\n'

test('a build that fills the disk is stopped, the next one refused, and the cache goes first', {
  timeout: 240_000,
}, async (t) => {
  const machine = await engineMachine(t, 700)
  const freeMb = async () => Number(await fine(machine, 'df -m --output=avail /var/lib/docker | tail -1'))
  const settings = { reserve: { mb: 200, percent: 0 } }
  const fill = (mb: number) =>
    `RUN for i in $(seq ${mb / 10}); do head -c 10485760 /dev/urandom > /fill$i; sleep 0.05; done\n`
  const build = (app: string, dockerfile: string, more: object = {}) =>
    buildInside(machine, { app, dockerfile, settings: { ...settings, ...more } })

  assert.equal((await build('calm', `${stack}RUN echo small > /small\n`)).error, null)
  const free = await freeMb()

  await t.test('stopped in time: the floor is never reached by far', async () => {
    const { error } = await build('filler', `${stack}${fill(2_000)}`)
    assert.equal(error?.code, 'DISK_LOW')
    assert.match(
      error.message,
      /^the build was stopped: \d+ MB are free on the disk of \/var\/lib\/docker, and 200 MB have to/,
    )
    await fine(
      machine,
      `for i in $(seq 100); do [ $(df -m --output=avail /var/lib/docker | tail -1) -gt ${free - 50} ] && exit; sleep 0.2; done; df -m /var/lib/docker >&2; exit 1`,
    )
  })

  await t.test('what earlier steps left in the cache is warned of, then in the way', async () => {
    const { log } = await build('warned', `${stack}${fill(free - 300)}`)
    assert.deepEqual(
      log.filter((line) => line.includes('Only')),
      [],
    )
    const second = await build('warned-again', `${stack}RUN echo tiny > /tiny\n`)
    assert.match(second.log.join('\n'), / ! {5}Only \d+ MB are free on the disk of \/var\/lib\/docker: soon nothing/)
    await build('more', `${stack}${fill(150)}`)
    const refused = await build('refused', `${stack}RUN echo never\n`)
    assert.equal(refused.error?.code, 'DISK_LOW')
    assert.match(refused.error.message, /^no build can begin: \d+ MB are free/)
    assert.equal(refused.log.length, 0)
  })

  await t.test('with a budget, the cache is emptied for the next build; images stay', async () => {
    await fine(
      machine,
      'docker rmi -f $(docker images -q --filter label=berth.app=warned --filter label=berth.cluster=inside) >/dev/null',
    )
    await fine(machine, 'docker rmi -f $(docker images -q --filter label=berth.app=more) >/dev/null')
    const before = await fine(machine, 'docker images -q | sort')
    assert.equal((await build('refused', `${stack}RUN echo still never\n`)).error?.code, 'DISK_LOW')
    assert.equal((await build('saved', `${stack}RUN echo again > /again\n`, { cacheMb: 300 })).error, null)
    const after = (await fine(machine, 'docker images -q | sort')).split('\n')
    assert.deepEqual(
      before.split('\n').filter((image) => !after.includes(image)),
      [],
    )
  })
})

/** Whether a step gets a connection; the name of the place is printed. */
const tries = (places: Record<string, string>) =>
  Object.entries(places)
    .map(
      ([name, at]) =>
        `if timeout 3 bash -c '</dev/tcp/${at.replace(':', '/')}'; then echo ${name} open; else echo ${name} shut; fi`,
    )
    .join('; ')

test("a build reaches the world, and neither this machine's services nor a metadata address", {
  timeout: 240_000,
}, async (t) => {
  const world = createServer((_, response) => response.end('world')).listen(0)
  t.after(() => world.close())
  await once(world, 'listening')
  const machine = await engineMachine(t, 1_000)
  const gateway = await fine(machine, "ip route show default | cut -d' ' -f3")
  await fine(
    machine,
    `ip netns add cloud && ip link add cloud type veth peer name eth0 netns cloud
    ip addr add 169.254.169.253/30 dev cloud && ip link set cloud up
    ip -n cloud addr add 169.254.169.254/30 dev eth0 && ip -n cloud link set eth0 up && ip -n cloud link set lo up
    ip -n cloud route add default via 169.254.169.253
    serve() { setsid "$@" >/dev/null 2>&1 </dev/null & }
    serve ip netns exec cloud node -e 'http.createServer((q, r) => r.end("credentials")).listen(80)'
    serve node -e 'for (const port of [9000, 9001]) http.createServer((q, r) => r.end("private")).listen(port)'
    serve node -e 'http.createServer((q, r) => r.end("loopback")).listen(9002, "127.0.0.1")'
    for port in 169.254.169.254/80 127.0.0.1/9000 127.0.0.1/9002; do until timeout 1 bash -c "</dev/tcp/$port"; do sleep 0.1; done; done`,
  )
  const address = await fine(machine, "ip -4 -o addr show eth0 | tr -s ' ' | cut -d' ' -f4 | cut -d/ -f1")
  const places = {
    world: `${gateway}:${(world.address() as AddressInfo).port}`,
    metadata: '169.254.169.254:80',
    bridge: '172.17.0.1:9000',
    address: `${address}:9000`,
    loopback: '127.0.0.1:9002',
    allowed: '172.17.0.1:9001',
  }
  const seen = async (settings: object, app: string) => {
    const { log, error } = await buildInside(machine, {
      app,
      dockerfile: `${stack}RUN : ${app}; ${tries(places)}\n`,
      settings,
    })
    assert.equal(error, null, log.join('\n'))
    return log.flatMap((line) => line.match(/^ {7}(\w+ (?:open|shut))$/)?.[1] ?? [])
  }
  const open = ['world open', 'metadata open', 'bridge open', 'address open', 'loopback shut', 'allowed open']
  assert.deepEqual(await seen({ hostPorts: 'all' }, 'free'), open)
  const walled = ['world open', 'metadata shut', 'bridge shut', 'address shut', 'loopback shut', 'allowed open']
  assert.deepEqual(await seen({ hostPorts: [9_001], hostEnv: {} }, 'walled'), walled)
  await fine(machine, 'iptables -F INPUT; iptables -F DOCKER-USER')
  assert.deepEqual(await seen({ hostPorts: [9_001], hostEnv: {} }, 'again'), walled)

  await t.test('nor does the Engine for it', async () => {
    const adds = {
      plain: 'ADD http://127.0.0.1:9002/ /x',
      metadata: 'ADD http://169.254.169.254/latest /x',
      argument: 'ARG URL=http://127.0.0.1:9002/\nADD $URL /x',
      hidden: 'ARG HOST=127.0.0.1\nADD http://$HOST:9002/ /x',
    }
    for (const [app, line] of Object.entries(adds)) {
      const { error, log } = await buildInside(machine, {
        app,
        dockerfile: `${stack}${line}\nRUN cat /x\n`,
        settings: {},
      })
      assert.equal(error?.code, 'SOURCE', `${app}: ${error?.message}`)
      assert.match(error.message, /ADD of a URL: /)
      assert.doesNotMatch(log.join('\n'), /loopback|credentials/)
    }
  })
})
