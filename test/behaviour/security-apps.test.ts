import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'
import { operationLog } from '../../src/contract/operations.ts'
import { createRun } from '../../src/contract/runs.ts'
import { labels } from '../../src/model/instance.ts'
import { reaper } from '../../src/server/reconcile/reaper.ts'
import { cipherAt } from '../../src/server/store/cipher.ts'
import { randomId } from '../../src/server/store/ids.ts'
import { openStore } from '../../src/server/store/store.ts'
import { startBerth, type TestBerth } from '../harness/berth.ts'
import { randomName } from '../harness/docker.ts'
import { type Files, newRepository } from '../harness/repository.ts'
import { imageWithShell } from '../harness/tinyImage.ts'
import { until } from '../harness/wait.ts'

let berth: TestBerth
let image: string
before(async () => {
  image = await imageWithShell()
  berth = await startBerth()
})
after(() => berth[Symbol.asyncDispose]())

const worker = 'while :; do sleep 1000; done'
const dockerfile = (...lines: string[]): Files => ({
  Dockerfile: [`FROM ${image}`, ...lines].join('\n'),
  'berth.yaml': `processes: {worker: {command: '${worker}', count: 1}}\nhealth: {uptime: 0s}\n`,
})

async function push(app: string, files: Files) {
  await using repository = await newRepository(files)
  await berth.createApp(app)
  return await berth.push(repository, app)
}

/** What a script says in a one-off container of the app. */
async function said(app: string, script: string): Promise<string> {
  const { id } = await berth.client.call(createRun, { params: { app }, body: { command: ['/bin/sh', '-c', script] } })
  await berth.settled(app)
  const lines = await Array.fromAsync(
    berth.client.stream(operationLog, { params: { operation: id }, query: { follow: 'false' } }),
  )
  return lines.map(({ text }) => text).join('\n')
}

const containersOf = async (app: string) => {
  const ids = await berth.engine.containers.ids(`${labels.cluster}=${berth.cluster}`, `${labels.app}=${app}`)
  return (await Promise.all(ids.map((id) => berth.engine.containers.inspect(id)))).filter((one) => one !== undefined)
}

test('labels of a Dockerfile make its containers neither another app’s, nor an instance, nor rubbish', async () => {
  const claims = [labels.app, labels.team, labels.cluster, labels.owned, labels.process, labels.release, labels.set]
  const pushed = await push('liar', dockerfile(`LABEL ${claims.map((name) => `${name}=stolen`).join(' ')}`))
  assert.equal(pushed.code, 0, pushed.stderr)
  const [instance] = await containersOf('liar')
  assert.ok(instance && !Object.values(instance.labels).includes('stolen'), JSON.stringify(instance?.labels))
  const body = { command: ['sleep', '20'] }
  await berth.client.call(createRun, { params: { app: 'liar' }, body })
  const run = await until('the run', async () => (await containersOf('liar')).find(({ id }) => id !== instance.id))
  assert.equal(run.labels[labels.set], '')
  assert.ok(!Object.values(run.labels).includes('stolen'), JSON.stringify(run.labels))
  await berth.engine.containers.remove(run.id)
})

test('an instance reaches neither those of others, nor the API of the machine, nor the Engine', async () => {
  assert.equal((await push('inside', dockerfile())).code, 0)
  assert.equal((await push('other', dockerfile())).code, 0)
  const [other] = await containersOf('other')
  const address = other?.addresses[berth.cluster] ?? ''
  const gateway = address.replace(/\.\d+$/, '.1')
  const reach = (host: string, port: number) =>
    `if timeout 2 bash -c 'exec 3<>/dev/tcp/${host}/${port}' 2>/dev/null; then echo open; else echo shut; fi`
  const script = [reach(address, 8080), reach(gateway, berth.ports.api), reach('127.0.0.1', berth.ports.api)]
  assert.equal(await said('inside', script.join('; ')), 'shut\nshut\nshut')
  assert.match(await said('inside', 'ls /var/run/docker.sock /run/docker.sock 2>&1; true'), /No such file/)
  assert.match(
    await said('inside', 'grep -E "Cap(Eff|Bnd)" /proc/self/status'),
    /CapEff:\s+0{13}4eb\nCapBnd:\s+0{13}4eb/,
  )
})

test('a build gets no cache by a name that it guesses, and none of the machine’s network', async () => {
  const look = (from: string) => `RUN --mount=type=cache,id=${from},target=/c test -z "$(ls -A /c)"`
  const guesses = ['berth/apt', `${berth.cluster}/inside/npm`, '../../berth/apt']
  const pushed = await push('guesser', dockerfile(...guesses.map(look)))
  assert.equal(pushed.code, 0, pushed.stderr)
  assert.doesNotMatch(pushed.stderr, /id=\w+\/guesser\//)
  const networked = await push('networked', dockerfile('RUN --network=host true'))
  assert.notEqual(networked.code, 0)
  const insecure = await push('insecure', dockerfile('RUN --security=insecure true'))
  assert.notEqual(insecure.code, 0)
})

test('a Dockerfile cannot start from, or look into, the image of another app', async () => {
  const secret = randomId()
  assert.equal((await push('owner', dockerfile(`RUN echo ${secret} > /secret`))).code, 0)
  const [tag = ''] = (
    await berth.engine.images.list(`${labels.cluster}=${berth.cluster}`, `${labels.app}=owner`)
  ).flatMap(({ tags }) => tags)
  assert.match(tag, /owner:/)
  for (const [app, line] of [
    ['copies', `COPY --from=${tag} /secret /secret\nRUN cat /secret`],
    ['mounts', `RUN --mount=type=bind,from=${tag},target=/o cat /o/secret`],
    ['indirect', `ARG X=${tag}\nFROM $X\nRUN cat /secret`],
  ] as const) {
    const pushed = await push(app, dockerfile(line))
    assert.notEqual(pushed.code, 0, app)
    assert.doesNotMatch(pushed.stderr, new RegExp(`^[^\\n]*       ${secret}`, 'm'))
  }
})

test('an instance whose image claims to be of an operation is not reaped with it', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'berth-reaper-'))
  const cluster = randomName()
  const create = (set: string) =>
    berth.engine.containers.create({
      name: `${cluster}-${set || 'none'}`,
      labels: { [labels.cluster]: cluster, [labels.operation]: 'ended', [labels.set]: set },
      ...{ image, command: ['true'], env: {}, memoryMb: 64, cpu: 1, pids: 10, stopGraceMs: 0, network: 'none' },
      ...{ tty: false, stdin: false },
    })
  const ids = [await create(''), await create('live')]
  try {
    const cipher = cipherAt(join(dir, 'key'), { mayCreate: true })
    await using store = await openStore(join(dir, 'berth.sqlite'), cipher)
    await reaper({ store, engine: berth.engine, cluster, buildsDir: dir, keepBuilds: 5 }).pass(
      new AbortController().signal,
    )
    assert.deepEqual(await berth.engine.containers.ids(`${labels.cluster}=${cluster}`), ids.slice(1))
  } finally {
    for (const id of ids) await berth.engine.containers.remove(id)
    await rm(dir, { recursive: true })
  }
})
