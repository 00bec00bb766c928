import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { output, run } from '../lib/exec.ts'
import type { Part } from './parts.ts'
import { memoryOf } from './process.ts'
import { settingsFile } from './settings.ts'
import type { PartState, Supervisor, SupervisorOptions } from './supervisor.ts'
import { unitName, unitText } from './units.ts'

const UNITS = '/etc/systemd/system'

export function systemd({ runDir, cluster, env }: SupervisorOptions): Supervisor {
  const unit = (part: Part) => unitName(part, cluster)
  const options = { cluster, runDir, configFile: settingsFile(env) }

  /** True when the file was new or other. */
  async function writeUnit(part: Part): Promise<boolean> {
    if (part.name === 'dockerd') return false
    const file = join(UNITS, unit(part))
    const text = unitText(part, options)
    if ((await readFile(file, 'utf8').catch(() => '')) === text) return false
    await writeFile(`${file}.new`, text)
    await rename(`${file}.new`, file)
    await output(['systemctl', 'daemon-reload'])
    return true
  }

  return {
    kind: 'systemd',

    async start(part) {
      const changed = await writeUnit(part)
      await output(['systemctl', 'enable', '--quiet', unit(part)])
      await output(['systemctl', changed ? 'restart' : 'start', unit(part)])
    },

    async stop(part) {
      await run(['systemctl', 'disable', '--quiet', '--now', unit(part)])
    },

    async state(part) {
      const keys = ['ActiveState', 'MainPID', 'ExecMainStartTimestamp']
      const shown = await run(['systemctl', 'show', '--timestamp=unix', ...keys.map((key) => `-p${key}`), unit(part)])
      return stateFrom(shown.stdout)
    },

    async lastWords(part, lines) {
      return (
        await run(['journalctl', '--no-pager', '-o', 'cat', '-n', String(lines), '-u', unit(part)])
      ).stdout.trimEnd()
    },
  }
}

/** Reads the answer of `systemctl show`. */
export function stateFrom(shown: string): PartState {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(shown)?.[1] ?? ''
  const pid = Number(value('MainPID')) || null
  const active = value('ActiveState') === 'active' && pid !== null
  if (!active) {
    const state = value('ActiveState') === 'activating' ? 'restarting' : 'stopped'
    return { state, pid: null, since: null, bytes: null }
  }
  const since = Number(/@(\d+)/.exec(value('ExecMainStartTimestamp'))?.[1]) * 1000
  // Not MemoryCurrent: that counts the files that were read and written too, gigabytes for the Engine.
  return { state: 'running', pid, since: since ? new Date(since) : null, bytes: memoryOf(pid) }
}
