import assert from 'node:assert/strict'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { loadStack, type Machine, startMachine } from '../harness/machine.ts'
import { until } from '../harness/wait.ts'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')
const berth = `${root}/berth`

const refusals: { why: string; make: (machine: Machine) => Promise<unknown>; options?: string[]; says: RegExp }[] = [
  {
    why: 'the system is another one',
    make: (machine) => machine.write('/etc/os-release', 'ID=fedora\nVERSION_ID=41\n'),
    says: /this system is fedora 41\.\n.*use Debian 12 or newer, or Ubuntu 24\.04 or newer/,
  },
  {
    why: 'the disk is full',
    make: async (machine) => {
      await machine.run(['mkdir', '/srv/small'])
      await machine.run(['mount', '-t', 'tmpfs', '-o', 'size=50m', 'small', '/srv/small'])
    },
    options: ['--data-dir', '/srv/small/berth'],
    says: /the data directory \/srv\/small\/berth has only \d+ MB free, and 3000 MB are needed\.\n.*--data-dir/,
  },
  {
    why: 'others cannot pass to the data directory',
    make: (machine) => machine.run(['mkdir', '--mode=700', '/srv/closed']),
    options: ['--data-dir', '/srv/closed/berth'],
    says: /\/srv\/closed lets nobody but its owner pass.*\n.*chmod o\+x \/srv\/closed/,
  },
  {
    why: 'a port is taken',
    make: async (machine) => {
      const listener = `exec node -e 'require("net").createServer().listen(80)' >/dev/null 2>&1`
      await machine.run(['setsid', '--fork', 'sh', '-c', listener])
      await machine.run(['sh', '-c', `until "$0" 80; do sleep 0.1; done`, `${root}/libexec/port-holder`])
    },
    says: /port 80 \(http\) is in use by process \d+ node .*\n.*--http-port/,
  },
  {
    why: 'there is a foreign swarm',
    make: makeForeignSwarm,
    says: /already runs a swarm that Berth did not make\.\n.*--adopt-swarm/,
  },
]

const offline = (machine: Machine) => machine.write('/etc/resolv.conf', 'nameserver 127.0.0.1\n')

test('up refuses when a package is missing and no mirror answers, and installs nothing', {
  timeout: 120_000,
}, async (t) => {
  const machine = await startMachine(t)
  await machine.run(['dpkg', '--force-depends', '--remove', 'mmdebstrap'])
  await machine.run(['apt-get', 'clean'])
  await offline(machine)
  const refused = await machine.run([berth, 'up'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /the packages mmdebstrap cannot be downloaded; check the network and the mirror/)
  await assertUntouched(machine)
})

test('up refuses when there is no Node 24 and no registry answers', { timeout: 120_000 }, async (t) => {
  const machine = await startMachine(t)
  await machine.run(['rm', '/usr/local/bin/node'])
  await offline(machine)
  const refused = await machine.run([berth, 'up'], { npm_config_cache: '/tmp/empty' })
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /Node 24 cannot be installed from the npm registry; check the network/)
  assert.equal((await machine.run(['ls', '/opt/berth/node'])).stdout, '')
})

for (const { why, make, options = [], says } of refusals) {
  test(`up refuses when ${why}, and changes nothing`, { timeout: 120_000 }, async (t) => {
    const machine = await startMachine(t)
    await make(machine)
    const refused = await machine.run([berth, 'up', ...options])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, says)
    await assertUntouched(machine)
  })
}

test('up refuses who is not root, and changes nothing', { timeout: 300_000 }, async (t) => {
  const machine = await startMachine(t)
  await machine.run(['chmod', 'go+rx', berth, `${root}/libexec`])
  for (let folder = root; folder !== '/'; folder = dirname(folder)) await machine.run(['chmod', 'go+x', folder])
  const refused = await machine.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', berth, 'up'])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /this needs root\.\n.*run it with sudo/)
  await assertUntouched(machine)
})

test('a dockerd that cannot start is stopped again, and its words are shown', { timeout: 300_000 }, async (t) => {
  const machine = await startMachine(t)
  await machine.run(['mkdir', '-p', '/etc/docker'])
  await machine.write('/etc/docker/daemon.json', '{ "storage-driver": "nonsense" }')
  const refused = await machine.run([berth, 'up'])
  assert.equal(refused.code, 1)
  assert.match(
    refused.stderr,
    /Berth's dockerd is not available: it does not start.*failed to start daemon: .*driver not supported/s,
  )
  assert.doesNotMatch((await machine.run(['ps', 'ax'])).stdout, /dockerd|libexec\/keep/)
})

const swarmFormat = '{{.Swarm.Cluster.Spec.Labels}} {{.Swarm.NodeID}}'

test('a foreign swarm is used when that is said, and what was in it stays', { timeout: 300_000 }, async (t) => {
  const machine = await startMachine(t)
  await makeForeignSwarm(machine)
  const node = (await machine.run(['docker', 'info', '-f', '{{.Swarm.NodeID}}'])).stdout
  const adopted = `map[berth.owned:true] ${node}`
  const swarm = async () => (await machine.run(['docker', 'info', '-f', swarmFormat])).stdout
  for (let tries = 0; tries < 5 && (await swarm()) !== adopted; tries++) {
    await machine.runAndKill([berth, 'up', '--adopt-swarm'], 12_000)
  }
  assert.equal(await swarm(), adopted)
})

test('up from nothing: killed at any point it goes on, twice it does nothing, down and up again it serves', {
  timeout: 300_000,
}, async (t) => {
  const machine = await startMachine(t)
  await loadStack(machine)

  for (const ms of [300, 1200, 2500, 4000, 8000, 15_000]) await machine.runAndKill([berth, 'up'], ms)
  const first = await machine.run([berth, 'up'])
  assert.equal(first.code, 0, first.stdout + first.stderr)
  assert.match(first.stdout, /Berth is up\.\n.*http:\/\/berth\.localhost\n.*admin\.json\n.*http:\/\/hello\.localhost\n/)
  await assertServes(machine)

  const before = await pids(machine)
  const began = Date.now()
  const again = await machine.run([berth, 'up', '--json'])
  assert.deepEqual(await pids(machine), before)
  assert.ok(Date.now() - began < 15_000, 'the second time is quick')
  await assertTold(machine, again)

  await killed(machine, 'server')
  await assertServes(machine)
  await until('the server is back and nothing is wrong', async () => (await machine.run([berth, 'doctor'])).code === 0)

  const { code, stdout } = await machine.run([berth, 'down', '--json'])
  const stopped = ['sshd', 'server', 'router', 'dockerd']
  assert.deepEqual([code, JSON.parse(stdout)], [0, { stopped, instances: [], dockerdUsedBy: [] }])
  assert.doesNotMatch((await machine.run(['ps', 'ax'])).stdout, /dockerd|libexec\/keep|haproxy|sshd|berth-server/)
  assert.equal((await machine.run([berth, 'doctor'])).code, 1)

  assert.equal((await machine.run([berth, 'up'])).code, 0)
  await assertServes(machine)
})

test('settings that change reach what runs, and a second installation lives beside the first', {
  timeout: 300_000,
}, async (t) => {
  const machine = await startMachine(t)
  await loadStack(machine)
  assert.equal((await machine.run([berth, 'up', '--http-port', '8080'])).code, 0)
  await assertServes(machine, 8080)
  const moved = await machine.run([berth, 'up', '--http-port=8081', '--domain=apps.test'])
  assert.match(moved.stdout, /New settings: .*http:\/\/hello\.apps\.test:8081\n/s)
  await assertServes(machine, 8081, 'hello.apps.test')

  const second = { BERTH_CONFIG: '/etc/second.yaml', XDG_CONFIG_HOME: '/root/second' }
  const places = ['--cluster=second', '--data-dir=/var/lib/second', '--run-dir=/run/second']
  const refused = await machine.run([berth, 'up', ...places], second)
  assert.match(refused.stderr, /port 7117 \(api\) is in use by process \d+ berth-server \/var\/lib\/berth\//)
  const ports = ['--http-port=9080', '--https-port=9443', '--api-port=9117', '--ssh-port=9222']
  const beside = await machine.run([berth, 'up', ...places, ...ports], second)
  assert.equal(beside.code, 0, beside.stdout + beside.stderr)
  await assertServes(machine, 9080)
  const template = await machine.run(['/usr/bin/docker', 'network', 'inspect', 'second-config'])
  assert.match(template.stdout, /10\.211\.0\.0\/16/, 'addresses that the first one does not have')

  assert.match((await machine.run([berth, 'down'], second)).stdout, /1 instances? .* go on in Docker/)
  await assertServes(machine, 8081, 'hello.apps.test')
})

async function makeForeignSwarm(machine: Machine) {
  // On a busy machine dockerd gives up on its containerd too early.
  await machine.run(['setsid', '--fork', 'sh', '-c', 'exec >/dev/null 2>&1; until dockerd; do sleep 1; done'])
  await machine.run(['sh', '-c', 'until docker version; do sleep 0.2; done'])
  await machine.run(['docker', 'swarm', 'init', '--advertise-addr', '127.0.0.1'])
  await machine.run(['sh', '-c', 'until docker node ls; do sleep 0.2; done'])
}

async function assertUntouched(machine: Machine) {
  const found = await machine.run(['ls', '-d', '/etc/berth', '/var/lib/berth', '/run/berth', '/opt/berth'])
  assert.equal(found.stdout, '')
  assert.doesNotMatch((await machine.run(['ps', 'ax'])).stdout, /libexec\/keep/)
}

async function assertServes(machine: Machine, port = 80, name = 'hello.localhost') {
  const ask = 'for i in $(seq 100); do curl -sf -H "Host: $1" "http://127.0.0.1:$2/" && exit; sleep 0.2; done'
  assert.match((await machine.run(['sh', '-c', ask, 'ask', name, String(port)])).stdout, /Hello from Berth/)
}

/** All that there is, in one document, but for the secrets. */
async function assertTold(machine: Machine, { code, stdout, stderr }: Awaited<ReturnType<Machine['run']>>) {
  assert.equal(code, 0, stderr)
  const { urls, example, admin, parts, versions } = JSON.parse(stdout)
  const git = 'ssh://git@localhost:2222'
  assert.deepEqual(urls, { berth: 'http://berth.localhost', api: 'http://127.0.0.1:7117', git })
  assert.deepEqual(example, { app: 'hello', url: 'http://hello.localhost' })
  assert.deepEqual(admin, { user: 'admin', credentials: '/var/lib/berth/admin.json' })
  assert.deepEqual(
    parts.map(({ name, state }: { name: string; state: string }) => `${name} ${state}`),
    ['dockerd running', 'server running', 'sshd running', 'router running'],
  )
  for (const name of ['berth', 'node', 'docker', 'haproxy']) assert.match(versions[name], /^\d+\.\d+/)
  const { password, token } = JSON.parse((await machine.run(['cat', admin.credentials])).stdout)
  for (const secret of [password, token]) assert.ok(!stdout.includes(secret))
  assert.match(stderr, /✓ Router: on port 80/)
}

async function pids(machine: Machine): Promise<string[]> {
  const shown = await machine.run([berth, 'status'])
  return shown.stdout
    .split('\n')
    .filter((line) => /running/.test(line))
    .map((line) => line.split(/\s+/).slice(0, 3).join(' '))
}

async function killed(machine: Machine, part: string) {
  await machine.run(['sh', '-c', 'kill -9 "$(cat "/run/berth/$1.pid")"; sleep 2', 'kill', part])
}
