import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadStack, type Machine, startMachine } from '../harness/machine.ts'
import { until } from '../harness/wait.ts'

const berth = fileURLToPath(new URL('../../berth', import.meta.url))
const registry = { BERTH_PACKAGE_STORAGE: 'registry' }

const isRunning = async (machine: Machine) => /docker-registry serve/.test((await machine.run(['ps', 'axww'])).stdout)
const doctor = async (machine: Machine) => (await machine.run([berth, 'doctor'])).stdout

test('up installs and keeps a registry for packages, and down and other settings end it', {
  timeout: 600_000,
}, async (t) => {
  const machine = await startMachine(t)
  await loadStack(machine)
  await machine.run(['dpkg', '--purge', 'docker-registry'])
  const up = await machine.run([berth, 'up'], registry)
  assert.equal(up.code, 0, up.stdout + up.stderr)
  assert.match(up.stdout, /Package registry: on port 7118/)
  await until(
    'the example to be stored',
    async () => /✓ packages: 1 at 127\.0\.0\.1:7118/.test(await doctor(machine)),
    120_000,
  )

  const [password] = (await machine.run(['cat', '/var/lib/berth/package.secret'])).stdout.split('\n')
  assert.ok((password?.length ?? 0) > 30)
  const everything = await machine.run(['sh', '-c', 'ps axww; cat /etc/berth/berth.yaml /var/lib/berth/logs/*.log'])
  assert.ok(!everything.stdout.includes(password ?? '-'))
  const open = await machine.run([
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    'http://127.0.0.1:7118/v2/_catalog',
  ])
  assert.equal(open.stdout, '401')
  assert.match((await machine.run(['ps', '-o', 'user:20=', '-C', 'docker-registry'])).stdout, /^docker-registry\s*$/)

  await machine.run(['pkill', '-9', 'docker-registry'])
  await until('it is back', () => isRunning(machine), 60_000)
  assert.match((await machine.run([berth, 'status'])).stdout, /^registry +running/m)
  assert.equal((await machine.run([berth, 'down'])).code, 0)
  assert.equal(await isRunning(machine), false)

  assert.equal((await machine.run([berth, 'up'], { BERTH_PACKAGE_STORAGE: 'local' })).code, 0)
  assert.equal(await isRunning(machine), false)
  assert.match(await doctor(machine), /✓ packages: kept on this machine only/)
})
