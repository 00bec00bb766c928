import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Argv, type Finished, output, run, start } from '../../src/lib/exec.ts'

const script = fileURLToPath(new URL('machine', import.meta.url))
const stack = 'berth/stack:bookworm'

/** A machine inside this one that sees these files and changes a copy of them. */
export type Machine = {
  /** Its first process, as this machine counts. */
  readonly pid: number
  run(argv: Argv, env?: NodeJS.ProcessEnv): Promise<Finished>
  /** Ends a command the hard way, with all that it started and did not detach. */
  runAndKill(argv: Argv, afterMs: number): Promise<void>
  write(path: string, text: string): Promise<void>
}

/** Without an init system. */
export const startMachine = (t: TestContext) => machine(t, 'start')

/** With systemd, and none of this machine's services. */
export async function bootMachine(t: TestContext): Promise<Machine> {
  const booted = await machine(t, 'boot')
  await booted.run(['sh', '-c', 'until systemctl is-active multi-user.target; do sleep 0.1; done'])
  return booted
}

async function machine(t: TestContext, verb: 'start' | 'boot'): Promise<Machine> {
  const { name, number, pid } = await claim(verb)
  t.after(() => output([script, 'stop', name, String(number), String(pid)]))
  const inside = (argv: Argv): Argv => [script, 'run', String(pid), ...argv]
  return {
    pid,
    run: (argv, env = {}) => run(inside(argv), { env: { ...clean, ...env } }),

    async runAndKill(argv, afterMs) {
      const child = start(inside(argv), { env: clean, detached: true, stdio: 'ignore' })
      const over = new Promise((resolve) => child.once('close', resolve))
      const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), afterMs)
      await over
      clearTimeout(timer)
    },

    async write(path, text) {
      await output(inside(['tee', path]), { input: text })
    },
  }
}

/** Spares the machine the work of making the base image, if this one has it. */
export async function loadStack(machine: Machine): Promise<void> {
  const saved = start(['/usr/bin/docker', 'save', stack], { stdio: ['ignore', 'pipe', 'ignore'] })
  const loaded = start([script, 'load', String(machine.pid)], { stdio: [saved.stdout, 'ignore', 'inherit'] })
  await new Promise((resolve) => loaded.once('close', resolve))
}

/** As on a machine that nobody has set anything on. */
const clean: NodeJS.ProcessEnv = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' }

async function claim(verb: string) {
  for (let tries = 20; ; tries -= 1) {
    const number = randomInt(100, 250)
    const name = `berth-m${number}`
    const started = await run([script, verb, name, String(number)])
    if (started.code === 0) return { name, number, pid: Number(started.stdout) }
    if (tries === 0) throw new Error(`no machine can be started: ${started.stderr}`)
  }
}
