import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadStack, type Machine, startMachine } from '../harness/machine.ts'
import { until } from '../harness/wait.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const berth = `${root}/berth`

test('dockerd is away, hung and killed: the control plane says so, survives, and all comes back by itself', {
  timeout: 600_000,
}, async (t) => {
  const machine = await startMachine(t)
  const text = async () => (await ask(machine, 'hello.localhost')).trim()
  const says = async (...command: string[]) => {
    const { code, stdout, stderr } = await machine.run(['timeout', '100', berth, ...command])
    return { code, text: stdout + stderr }
  }
  await loadStack(machine)
  const first = await says('up')
  assert.equal(
    first.code,
    0,
    first.text + (await machine.run(['tail', '-n', '40', '/var/lib/berth/logs/server.log'])).stdout,
  )
  await until('the example to answer', async () => (await text()).includes('Hello from Berth'))
  await machine.run(['cp', '-r', `${root}/examples/hello`, '/srv/changed'])
  await machine.run(['sh', '-c', 'sed -i "s/Hello from Berth/Changed/" /srv/changed/*'])

  await t.test('hung for a while: apps and the API answer', async () => {
    await signal(machine, 'dockerd.pid', 'STOP')
    assert.match(await text(), /Hello from Berth/)
    assert.ok(await apiAnswers(machine))
    await signal(machine, 'dockerd.pid', 'CONT')
    assert.equal((await says('doctor')).code, 0)
  })

  await t.test(
    'killed, and not back yet: what needs it fails with that reason, also after a restart of the server',
    async () => {
      await signal(machine, 'dockerd.keeper', 'STOP')
      await signal(machine, 'dockerd.pid', 'KILL')
      const sick = await says('doctor')
      assert.equal(sick.code, 1)
      assert.match(sick.text, /✗ docker engine: it does not answer/)
      const before = await serverPid(machine)
      await signal(machine, 'server.pid', 'KILL')
      await until('another server', async () => !['', before].includes(await serverPid(machine)))
      await until('it to answer', () => apiAnswers(machine))
      const deploy = await says('deploy', '/srv/changed', '-a', 'hello')
      assert.equal(deploy.code, 1, deploy.text)
      assert.match(deploy.text, /the Docker Engine is not available: it does not answer/)
      const releases = await says('releases', '-a', 'hello')
      assert.match(releases.text, /v1 +live/)
    },
  )

  await t.test('back: the app answers by itself, and the next deploy works', async () => {
    await signal(machine, 'dockerd.keeper', 'CONT')
    await until('dockerd', async () => (await machine.run(['docker', 'version'])).code === 0, 60_000)
    await until('the example to answer again', async () => (await text()).includes('Hello from Berth'), 120_000)
    const deploy = await says('deploy', '/srv/changed', '-a', 'hello')
    assert.equal(deploy.code, 0, deploy.text)
    assert.match(await text(), /Changed/)
    const healthy = await says('doctor')
    assert.equal(healthy.code, 0, healthy.text)
  })

  for (const [how, name, page] of [
    ['killed', 'KILL', 'Built twice'],
    ['stopped in an orderly way', 'TERM', 'Built again'],
  ] as const) {
    await t.test(`${how} in the middle of a build: the build is begun again, and is released once`, async () => {
      const folder = `/srv/${name}`
      await machine.run(['cp', '-r', '/srv/changed', folder])
      await machine.run(['sh', '-c', 'sed -i "s/Changed/$1/" "$2"/*', 'sed', page, folder])
      await machine.write(`${folder}/berth.yaml`, `build:\n  command: echo under way ${name}; sleep 5\n`)
      const asked = await says('deploy', folder, '-a', 'hello', '--detach')
      assert.equal(asked.code, 0, asked.text)
      await until('the build', async () => (await newestLog(says)).includes(`under way ${name}`), 60_000)
      await signal(machine, 'dockerd.pid', name)
      await until('the new release', async () => (await text()).includes(page), 180_000)
      const log = await newestLog(says)
      assert.match(log, /The Docker Engine went away in the middle of the build/)
      assert.match(log, /again \(attempt 2 of 3\)/)
      assert.equal(log.match(/Created release/g)?.length, 1)
    })
  }
})

async function newestLog(says: (...command: string[]) => Promise<{ text: string }>): Promise<string> {
  const list = await says('build', 'list', '-a', 'hello')
  const [name] = /^b\d+/.exec(list.text) ?? []
  return name ? (await says('build', 'logs', name, '-a', 'hello')).text : ''
}

const signal = (machine: Machine, file: string, name: string) =>
  machine.run(['sh', '-c', 'kill -s "$1" "$(cat "/run/berth/$2")"', 'kill', name, file])

const serverPid = async (machine: Machine) => (await machine.run(['cat', '/run/berth/server.pid'])).stdout.trim()

const apiAnswers = async (machine: Machine) =>
  /"ready":true/.test(await ask(machine, 'berth.localhost', '/api/v1/health'))

const ask = async (machine: Machine, host: string, path = '/') =>
  (await machine.run(['curl', '-s', '-m', '3', '-H', `Host: ${host}`, `http://127.0.0.1${path}`])).stdout
