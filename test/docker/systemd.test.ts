import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { bootMachine, loadStack, type Machine } from '../harness/machine.ts'
import { until } from '../harness/wait.ts'

const berth = fileURLToPath(new URL('../../berth', import.meta.url))
const needed = ['/lib/systemd/systemd', '/lib/systemd/system/docker.service']
const skip = needed.every((file) => existsSync(file)) ? false : `this machine has not ${needed.join(' and ')}`
const own = ['berth-server', 'berth-sshd', 'berth-router']

test('under systemd, what Berth needs comes back by itself: killed, and with the machine', {
  skip,
  timeout: 600_000,
}, async (t) => {
  const machine = await bootMachine(t)
  await loadStack(machine)
  const first = await machine.run([berth, 'up'])
  assert.equal(first.code, 0, first.stdout + first.stderr)
  await assertServes(machine)

  const before = await mainPids(machine)
  assert.equal((await machine.run([berth, 'up'])).code, 0)
  assert.deepEqual(await mainPids(machine), before, 'up again restarts nothing')

  for (const unit of own) await machine.run(['systemctl', 'kill', '--kill-whom=main', '--signal=KILL', unit])
  await until('started again', async () => {
    const now = await mainPids(machine)
    return now.every((pid, index) => pid !== '0' && pid !== before[index])
  })
  await assertServes(machine)
  await until('nothing is wrong', async () => (await machine.run([berth, 'doctor'])).code === 0)

  await asAfterABoot(machine)
  await assertServes(machine)

  assert.equal((await machine.run([berth, 'down'])).code, 0)
  await asAfterABoot(machine)
  assert.deepEqual(await mainPids(machine), ['0', '0', '0'], 'what was stopped stays so')
})

/** Nothing runs and /run is empty; then systemd starts what it starts with the machine. */
async function asAfterABoot(machine: Machine) {
  await machine.run(['systemctl', 'stop', ...own, 'docker.socket', 'docker', 'containerd'])
  await machine.run(['rm', '-rf', '/run/berth', '/run/sshd', '/run/docker', '/run/containerd'])
  const started = await machine.run(['systemctl', 'start', 'multi-user.target'])
  assert.equal(started.code, 0, started.stderr)
}

const mainPids = async (machine: Machine) =>
  (await machine.run(['systemctl', 'show', '--property=MainPID', '--value', ...own])).stdout.trim().split(/\n+/)

async function assertServes(machine: Machine) {
  const minutes = 3
  await until(
    'the example answers',
    async () => {
      const answer = await machine.run(['curl', '-sf', '-H', 'Host: hello.localhost', 'http://127.0.0.1/'])
      return answer.stdout.includes('Hello from Berth')
    },
    minutes * 60_000,
  )
}
