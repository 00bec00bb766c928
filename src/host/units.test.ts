import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { configFrom } from '../config/config.ts'
import { run } from '../lib/exec.ts'
import { parts } from './parts.ts'
import { stateFrom } from './systemd.ts'
import { unitName, unitText } from './units.ts'

const config = configFrom({ BERTH_CONFIG: '/nonexistent' })
const all = parts(config, '/srv/berth')
const options = { cluster: 'berth', runDir: '/run/berth', configFile: '/etc/berth/berth.yaml' }

test('the unit of the router ends it softly and brings it back', () => {
  const text = unitText(all.router, options)
  assert.match(
    text,
    /^ExecStart=\/usr\/sbin\/haproxy -W -S \/run\/berth\/router-master\.sock -f \/var\/lib\/berth\/router\/haproxy\.cfg$/m,
  )
  assert.match(text, /^KillSignal=SIGUSR1$/m)
  assert.match(text, /^Restart=always$/m)
  assert.match(text, /^RuntimeDirectory=berth$/m)
})

test('sessions of git outlive a restart of sshd, which needs its own folder', () => {
  const text = unitText(all.sshd, options)
  assert.match(text, /^KillMode=process$/m)
  assert.match(text, /^RuntimeDirectory=berth sshd$/m)
})

test('a run directory elsewhere is not the business of systemd', () => {
  assert.doesNotMatch(unitText(all.router, { ...options, runDir: '/srv/run' }), /RuntimeDirectory/)
})

test('what systemd would read as its own signs is quoted', () => {
  const odd = { ...all.server, argv: ['/bin/node', '/srv/my berth/100%/$x/"y"'] as const }
  assert.match(unitText(odd, options), /^ExecStart=\/bin\/node "\/srv\/my berth\/100%%\/\$\$x\/\\"y\\""$/m)
})

test('units are named after the cluster; docker keeps its own', () => {
  assert.equal(unitName(all.server, 'shop'), 'shop-server.service')
  assert.equal(unitName(all.dockerd, 'shop'), 'docker.service')
})

test('the state of a unit is read from what systemctl shows', () => {
  const { bytes, ...running } = stateFrom(
    `ActiveState=active\nMainPID=${process.pid}\nExecMainStartTimestamp=@1700000000\n`,
  )
  assert.deepEqual(running, { state: 'running', pid: process.pid, since: new Date(1.7e12) })
  assert(bytes && bytes >= process.memoryUsage.rss() / 2)
  const none = { pid: null, since: null, bytes: null }
  assert.deepEqual(stateFrom('ActiveState=activating\nMainPID=0\n'), { state: 'restarting', ...none })
  assert.deepEqual(stateFrom(''), { state: 'stopped', ...none })
})

const analyze = '/usr/bin/systemd-analyze'
test('systemd itself accepts them', { skip: !existsSync(analyze) && 'no systemd-analyze here' }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'berth-units-'))
  try {
    const own = parts(config, folder)
    const files = [own.server, own.sshd, own.router].map((part) => {
      const argv = ['/bin/true', ...part.argv.slice(1)] as const
      return { path: join(folder, unitName(part, 'berth')), text: unitText({ ...part, argv }, options) }
    })
    for (const { path, text } of files) await writeFile(path, text)
    const verified = await run([analyze, 'verify', '--man=no', ...files.map(({ path }) => path)])
    assert.doesNotMatch(verified.stderr, /berth-(server|sshd|router)\.service:\d+/)
  } finally {
    await rm(folder, { recursive: true })
  }
})
