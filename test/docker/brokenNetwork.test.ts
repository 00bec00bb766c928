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

test('after a dockerd that was killed, the apps come back by themselves', { timeout: 300_000 }, async (t) => {
  const machine = await startMachine(t)
  await loadStack(machine)
  const first = await machine.run([berth, 'up'])
  assert.equal(first.code, 0, first.stdout + first.stderr)
  await until('the example to answer', () => serves(machine))

  for (const _ of ['once', 'and again']) {
    await machine.run(['sh', '-c', 'kill -9 $(cat /run/berth/dockerd.pid)'])
    await until('the example to be gone', async () => !(await serves(machine)))
    await until('the example to answer again', () => serves(machine), 90_000)
  }
  const healthy = await machine.run([berth, 'doctor'])
  assert.equal(healthy.code, 0, healthy.stdout)
})
