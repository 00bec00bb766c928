import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { start } from '../lib/exec.ts'
import type { Part } from './parts.ts'
import { livingPid, memoryOf, startOf } from './process.ts'
import type { Supervisor, SupervisorOptions } from './supervisor.ts'
import { until } from './until.ts'

/** Where there is no init system: a script of libexec/keep beside each part restarts it. */
export function keepers({ runDir, logDir, root, env }: SupervisorOptions): Supervisor {
  const logOf = (part: Part) => join(logDir, `${part.name}.log`)
  const keeperOf = (part: Part) =>
    livingPid(join(runDir, `${part.name}.keeper`), `libexec/keep ${part.name} ${runDir} `)
  const pidOf = (part: Part) => livingPid(join(runDir, `${part.name}.pid`), part.mark)
  const gone = (part: Part) => !keeperOf(part) && !pidOf(part)

  return {
    kind: 'keepers',

    async start(part) {
      if (keeperOf(part)) return
      mkdirSync(runDir, { recursive: true })
      mkdirSync(logDir, { recursive: true, mode: 0o700 })
      const keep = start([join(root, 'libexec/keep'), part.name, runDir, logOf(part), ...part.argv], {
        cwd: '/',
        detached: true,
        stdio: 'ignore',
        env: { ...env, KEEP_MARK: part.mark, KEEP_STOP: part.stop, KEEP_GRACE: String(part.graceSeconds) },
      })
      keep.unref()
      await until(() => keeperOf(part) !== null && pidOf(part) !== null, 3)
    },

    async stop(part) {
      const keeper = keeperOf(part)
      const orphan = pidOf(part)
      if (keeper) process.kill(keeper, 'SIGTERM')
      else if (orphan) process.kill(orphan, `SIG${part.stop}`)
      if (await until(() => gone(part), part.graceSeconds + 8)) return
      for (const pid of [keeperOf(part), pidOf(part)]) if (pid) process.kill(pid, 'SIGKILL')
      await until(() => gone(part), 3)
    },

    async state(part) {
      const pid = pidOf(part)
      if (pid) return { state: 'running', pid, since: startOf(pid), bytes: memoryOf(pid) }
      return { state: keeperOf(part) ? 'restarting' : 'stopped', pid: null, since: null, bytes: null }
    },

    async lastWords(part, lines) {
      const text = await readFile(logOf(part), 'utf8').catch(() => '')
      return text.trimEnd().split('\n').slice(-lines).join('\n')
    },
  }
}
