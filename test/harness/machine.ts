import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Argv, type Finished, output, run, start } from '../../src/lib/exec.ts'

const script = fileURLToPath(new URL('machine', import.meta.url))
const stack = 'berth/stack:bookworm'

/** A machine inside this one, without an init system, that sees these files and changes a copy of them. */
export type Machine = {
  /** Its first process, as this machine counts. */
  readonly pid: number
  run(argv: Argv, env?: NodeJS.ProcessEnv): Promise<Finished>
  /** Ends a command the hard way, with all that it started and did not detach. */
  runAndKill(argv: Argv, afterMs: number): Promise<void>
  write(path: string, text: string): Promise<void>
}

export async function startMachine(t: TestContext): Promise<Machine> {
  const { name, number, pid } = await claim()
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

async function claim() {
  for (;;) {
    const number = randomInt(100, 250)
    const name = `berth-m${number}`
    const started = await run([script, 'start', name, String(number)])
    if (started.code === 0) return { name, number, pid: Number(started.stdout) }
  }
}
