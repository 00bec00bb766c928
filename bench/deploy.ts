import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { changeEnv } from '../src/contract/env.ts'
import { addKey } from '../src/contract/keys.ts'
import { showOperation } from '../src/contract/operations.ts'
import { rollback } from '../src/contract/releases.ts'
import { output, run } from '../src/lib/exec.ts'
import { startBerth, type TestBerth } from '../test/harness/berth.ts'
import { sshCommand } from '../test/harness/gitFront.ts'
import { freePort } from '../test/harness/haproxy.ts'
import { get } from '../test/harness/load.ts'
import { newRepository } from '../test/harness/repository.ts'
import { site } from '../test/harness/site.ts'
import { startSshd } from '../test/harness/sshd.ts'
import { median, table } from './table.ts'

/**
 * What a deploy costs over its parts. The floor: a bare git push to a plain repository over SSH, a raw BuildKit build of a
 * changed file on the same base, a raw Swarm service from its creation to its first 200. Against: `git push` over SSH to
 * the first 200 with the new body through the router. Rounds are interleaved, medians taken.
 */
const rounds = Number(process.env.ROUNDS ?? 10)
const docker = '/usr/bin/docker'

await using stack = new AsyncDisposableStack()
const berth = stack.use(await startBerth())
const dir = await mkdtemp(join(tmpdir(), 'berth-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const person = { key: join(dir, 'key'), token: '', name: 'ada', team: '' }
await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', person.key])
const ssh = { GIT_SSH_COMMAND: sshCommand(person) }

const ours = await pushToBerth()
const plain = await pushToPlain()
const build = await rawBuild()
const service = await rawService()
const env = operation('env')
const back = operation('rollback')

const samples = new Map<string, number[]>()
for (let round = 0; round < rounds + 1; round++) {
  for (const [name, measure] of Object.entries({ plain, build, service, ours, env, back })) {
    const ms = await measure(round)
    if (round > 0) samples.set(name, [...(samples.get(name) ?? []), ms])
    await sleep(300)
  }
}
report()

function report() {
  const all = (name: string) => samples.get(name) ?? []
  const of = (name: string) => median(all(name))
  const floor = of('plain') + of('build') + of('service')
  const row = (what: string, name: string) => [
    what,
    of(name).toFixed(0),
    Math.min(...all(name)).toFixed(0),
    Math.max(...all(name)).toFixed(0),
  ]
  console.log(`\nDeploy of a small app, ${rounds} rounds, milliseconds\n`)
  console.log(
    table(
      ['what', 'median', 'min', 'max'],
      [
        row('git push to a plain repository over SSH', 'plain'),
        row('BuildKit build of one changed file', 'build'),
        row('Swarm service, creation to first 200', 'service'),
        ['floor: sum of these', floor.toFixed(0), '', ''],
        row('git push to Berth, to first 200 with the new body', 'ours'),
        row('env change, over its gate', 'env'),
        row('rollback, over its gate', 'back'),
      ],
    ),
  )
  console.log(`\ngit push to Berth: ${(of('ours') / floor).toFixed(2)} × the floor (target: at most 2.00)`)
  console.log(
    `env change and rollback: ${of('env').toFixed(0)} and ${of('back').toFixed(0)} ms over the gate (target: at most 1500)`,
  )
}

async function pushToBerth() {
  const sshd = await startSshd(join(berth.dir, 'data/ssh/sshd_config'), berth.ports.ssh)
  stack.defer(() => void sshd.kill('SIGTERM'))
  await berth.client.call(addKey, { body: { key: await readFile(`${person.key}.pub`, 'utf8') } })
  await berth.createApp('bench')
  const repository = stack.use(await newRepository(site({ text: 'first' })))
  const url = `ssh://git@127.0.0.1:${berth.ports.ssh}/bench.git`
  await pushed(repository, url)
  return async (round: number) => {
    const text = `round ${round} ${Date.now()}`
    await repository.commit(site({ text }))
    const started = performance.now()
    const pushing = pushed(repository, url)
    await firstAnswer(berth.target('bench'), text)
    const ms = performance.now() - started
    await pushing
    return ms
  }
}

async function pushed(repository: Awaited<ReturnType<typeof newRepository>>, url: string) {
  const { code, stderr } = await repository.push(ssh, url)
  if (code !== 0) throw new Error(stderr)
}

async function firstAnswer(target: ReturnType<TestBerth['target']>, text: string) {
  for (let tries = 0; tries < 6_000; tries++) {
    if ((await get(target)).body === text) return
    await sleep(5)
  }
  throw new Error(`no answer "${text}"`)
}

/** The same sshd with the same settings, but no command of ours. */
async function pushToPlain() {
  const port = await freePort()
  const folder = join(dir, 'plain')
  await mkdir(folder)
  await output(['git', 'init', '--quiet', '--bare', join(folder, 'site.git')])
  await output(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'host')])
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${person.key}.pub`,
    'StrictModes no',
    'PasswordAuthentication no',
    'UsePAM no',
    'PidFile none',
  ]
  await writeFile(join(folder, 'sshd_config'), `${config.join('\n')}\n`)
  const sshd = await startSshd(join(folder, 'sshd_config'), port)
  stack.defer(() => void sshd.kill('SIGTERM'))
  const repository = stack.use(await newRepository(site({ text: 'first' })))
  const url = `ssh://root@127.0.0.1:${port}${join(folder, 'site.git')}`
  return async (round: number) => {
    await repository.commit(site({ text: `round ${round} ${Date.now()}` }))
    const started = performance.now()
    await pushed(repository, url)
    return performance.now() - started
  }
}

/** A changed file on the base that the app is built on. */
async function rawBuild() {
  const folder = join(dir, 'build')
  await mkdir(folder)
  const base = (await output([docker, 'images', '--quiet', 'berth/runtime/node'])).trim().split('\n')[0] ?? ''
  await output([docker, 'tag', base, `${berth.cluster}/bench-base:1`])
  stack.defer(
    async () =>
      void (await run([docker, 'rmi', '-f', `${berth.cluster}/bench-base:1`, `${berth.cluster}/bench-build:1`])),
  )
  await writeFile(join(folder, 'Dockerfile'), `FROM ${berth.cluster}/bench-base:1\nCOPY file /app/file\n`)
  return async (round: number) => {
    await writeFile(join(folder, 'file'), `${round} ${Date.now()}`)
    const started = performance.now()
    const tag = `${berth.cluster}/bench-build:1`
    await output([docker, 'build', '--quiet', '--tag', tag, folder], { env: { ...process.env, DOCKER_BUILDKIT: '1' } })
    return performance.now() - started
  }
}

/** The image of the app, as a service on the same kind of network, asked directly. */
async function rawService() {
  const [live] = await berth.engine.services.list(`berth.cluster=${berth.cluster}`)
  const spec = await berth.engine.api.json<{ Spec: Record<string, unknown> }>({ path: `/services/${live?.id}` })
  return async (round: number) => {
    const name = `${berth.cluster}-raw${round}`
    const labels = { 'bench.raw': name }
    const template = spec.Spec.TaskTemplate as { ContainerSpec: object }
    const body = {
      ...spec.Spec,
      Name: name,
      Labels: labels,
      TaskTemplate: { ...template, ContainerSpec: { ...template.ContainerSpec, Labels: labels } },
    }
    const started = performance.now()
    await berth.engine.api.json({ method: 'POST', path: '/services/create', body })
    try {
      await firstOk(await addressOf(`bench.raw=${name}`))
      return performance.now() - started
    } finally {
      await berth.engine.services.remove(name)
    }
  }
}

async function addressOf(label: string): Promise<string> {
  for (let tries = 0; tries < 3_000; tries++) {
    const [id] = await berth.engine.containers.ids(label)
    const container = id ? await berth.engine.containers.inspect(id) : undefined
    const address = container?.state === 'running' ? container.addresses[berth.cluster] : undefined
    if (address) return address
    await sleep(5)
  }
  throw new Error(`no container with ${label}`)
}

async function firstOk(address: string) {
  for (let tries = 0; tries < 3_000; tries++) {
    const answer = await fetch(`http://${address}:8080/`).catch(() => undefined)
    if (answer?.ok) return void (await answer.text())
    await sleep(5)
  }
  throw new Error(`no answer from ${address}`)
}

/** The time of an operation, less the time in which the new instances were started and waited for. */
function operation(kind: 'env' | 'rollback') {
  return async (round: number) => {
    const params = { app: 'bench' }
    const started = Date.now()
    const asked =
      kind === 'env'
        ? await berth.client.call(changeEnv, {
            params,
            query: {},
            body: { set: { ROUND: { value: String(round) } }, unset: [] },
          })
        : await berth.client.call(rollback, { params, body: {} })
    const id = 'operation' in asked ? (asked.operation?.id ?? '') : asked.id
    const done = await berth.client.call(showOperation, { params: { operation: id }, query: { wait: '60' } })
    const ended = Date.now()
    if (done.state !== 'succeeded') throw new Error(done.error?.message)
    const at = (phase: string) => Date.parse(done.steps.find((step) => step.phase === phase)?.at ?? '')
    return ended - started - (at('swapping') - at('gating'))
  }
}
