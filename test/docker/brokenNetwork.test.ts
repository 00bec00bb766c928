import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadStack, type Machine, startMachine } from '../harness/machine.ts'
import { until } from '../harness/wait.ts'

const berth = fileURLToPath(new URL('../../berth', import.meta.url))

async function serves(machine: Machine): Promise<boolean> {
  const get = ['-s', '-m', '2', '-H', 'Host: hello.localhost', 'http://127.0.0.1/'] as const
  return (await machine.run(['curl', ...get])).stdout.includes('Hello from Berth')
}

test('after a dockerd that was killed, up brings the apps back', { timeout: 300_000 }, async (t) => {
  const machine = await startMachine(t)
  await loadStack(machine)
  const first = await machine.run([berth, 'up'])
  assert.equal(first.code, 0, first.stdout + first.stderr)
  await until('the example to answer', () => serves(machine))

  await machine.run(['sh', '-c', 'kill -9 $(cat /run/berth/dockerd.pid)'])
  await machine.run(['sleep', '5'])
  const again = await machine.run([berth, 'up'])
  assert.equal(again.code, 0, again.stdout + again.stderr)
  await until('the example to answer again', () => serves(machine), 60_000)
  assert.equal((await machine.run([berth, 'doctor'])).code, 0)
})
