import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { after, before, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readInfo, readServers } from '../../src/agent/router/running.ts'
import { ask } from '../../src/agent/router/socket.ts'
import { listInstances } from '../../src/contract/instances.ts'
import { changeScale } from '../../src/contract/scale.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { load } from '../harness/load.ts'
import { newRepository } from '../harness/repository.ts'
import { site } from '../harness/site.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
before(async () => {
  berth = await startBerth()
  await using repository = await newRepository(site({ text: 'here' }))
  await berth.createApp('web')
  const { code, stderr } = await berth.push(repository, 'web')
  assert.equal(code, 0, stderr)
})
after(() => berth?.[Symbol.asyncDispose]())

const socket = () => join(berth.dir, 'run/router.sock')

async function routerPid() {
  const [info = ''] = await ask(socket(), ['show info'])
  return readInfo(info).pid
}

/** Names of the servers that get requests now. */
async function routedServers(): Promise<string[]> {
  const [state = ''] = await ask(socket(), ['show servers state'])
  const servers = [...readServers(state).values()].flatMap((its) => [...its])
  return servers.filter(([, { state }]) => state === 'ready').map(([name]) => name)
}

/** Says how long ago it was begun. */
function watch(t: TestContext) {
  const began = performance.now()
  return (what: string) => t.diagnostic(`${what} after ${(performance.now() - began).toFixed(0)} ms`)
}

const live = async () =>
  (await berth.client.call(listInstances, { params: { app: 'web' } })).filter(({ health }) => health === 'healthy')

test('a killed instance leaves the router in under a second, and comes back', async (t) => {
  await berth.client.call(changeScale, { params: { app: 'web' }, body: { web: { count: 2 } } })
  await berth.settled('web')
  const times = [await killOne()]
  while (times.length < 3 && Math.min(...times) >= 1_000) times.push(await killOne())
  t.diagnostic(`out of the router after ${times.join(', ')} ms`)
  assert.ok(Math.min(...times) < 1_000, `it took ${times.join(', ')} ms`)
})

/** How long after an instance's death, by the Engine's clock, the router is without it. */
async function killOne(): Promise<number> {
  await until('two to be routed', async () => (await routedServers()).length === 2)
  const [victim = ''] = await routedServers()
  const traffic = load(berth.target('web'))
  await sleep(300)
  await berth.engine.api.json({ method: 'POST', path: `/containers/${victim}/kill` })
  await until('the router to forget it', async () => !(await routedServers()).includes(victim))
  const forgotten = Date.now()
  const died = await berth.engine.containers.inspect(victim)
  await until('another one to be routed', async () => (await routedServers()).length === 2)
  const { failed } = await traffic.stop()
  assert.ok(failed.length <= 4, `only requests that the dead one was answering may fail, not ${failed.length}`)
  return forgotten - Date.parse(died?.finishedAt ?? '')
}

test('a killed router comes back as it was', async (t) => {
  const before = (await routedServers()).sort().join()
  const pid = await routerPid()
  const took = watch(t)
  berth.router.kill()
  await until('another router', async () => (await routerPid().catch(() => pid)) !== pid)
  took('another router runs')
  await until('the servers it had', async () => (await routedServers()).sort().join() === before)
  took('it has the servers again')
  assert.equal((await berth.get('web')).body, 'here')
})

test('a server that is killed and started again adopts the router without a reload', async (t) => {
  const pid = await routerPid()
  const config = await readFile(join(berth.dir, 'data/router/haproxy.cfg'), 'utf8')
  const traffic = load(berth.target('web'))
  await berth.server.kill('SIGKILL')
  await sleep(500)
  const took = watch(t)
  await berth.server.up()
  took('the server answers')
  await until('the instances to be seen again', async () => (await live()).length === 2)
  took('the instances are seen again')
  const { failed } = await traffic.stop()
  assert.deepEqual(failed, [])
  assert.equal(await routerPid(), pid)
  assert.equal(await readFile(join(berth.dir, 'data/router/haproxy.cfg'), 'utf8'), config)
})

test('routing a new release needs no reload, and neither does a new app', async () => {
  const pid = await routerPid()
  await using repository = await newRepository(site({ text: 'second app' }))
  await berth.createApp('other')
  assert.equal((await berth.push(repository, 'other')).code, 0)
  assert.equal((await berth.get('other')).body, 'second app')
  assert.equal(await routerPid(), pid)
})

test('an instance killed while the server is away is repaired when it is back', async (t) => {
  await berth.server.kill('SIGKILL')
  const [name] = await routedServers()
  await berth.engine.api.json({ method: 'POST', path: `/containers/${name}/kill` })
  const took = watch(t)
  await berth.server.up()
  took('the server answers')
  await until('the dead one to be replaced', async () => !(await routedServers()).includes(name ?? ''))
  took('the dead one is out of the router')
  assert.equal((await berth.get('web')).body, 'here')
})

test('a service that somebody removed by hand is made again', async (t) => {
  const [service] = await berth.engine.services.list(`berth.cluster=${berth.cluster}`)
  assert.ok(service)
  await berth.engine.services.remove(service.name)
  await berth.server.kill('SIGTERM')
  const took = watch(t)
  await berth.server.up()
  await until('the service', async () =>
    (await berth.engine.services.list(`berth.cluster=${berth.cluster}`)).some(({ name }) => name === service.name),
  )
  took('the service is there again')
})

test('services that Berth did not wish for are removed, and those of others are not', async (t) => {
  const make = (name: string, cluster: string) =>
    berth.engine.api.json({
      method: 'POST',
      path: '/services/create',
      body: {
        Name: name,
        Labels: { 'berth.cluster': cluster },
        TaskTemplate: { ContainerSpec: { Image: 'berth/stack:bookworm', Command: ['sleep', '600'] } },
        Mode: { Replicated: { Replicas: 0 } },
      },
    })
  const stranger = `${berth.cluster}-stranger`
  await make(`${berth.cluster}-stray`, berth.cluster)
  await make(stranger, 'somebody-else')
  try {
    await berth.server.kill('SIGKILL')
    const took = watch(t)
    await berth.server.up()
    const names = () => berth.engine.services.list('berth.cluster').then((all) => all.map(({ name }) => name))
    await until('the stray one to go', async () => !(await names()).includes(`${berth.cluster}-stray`))
    took('the stray one is gone')
    assert.ok((await names()).includes(stranger))
  } finally {
    await berth.engine.services.remove(stranger)
  }
})
