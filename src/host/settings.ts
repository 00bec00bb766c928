import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parse, stringify } from 'yaml'
import { settingNames } from '../config/config.ts'

export type Values = Readonly<Record<string, string | number>>

export const settingsFile = (env: NodeJS.ProcessEnv) => env.BERTH_CONFIG ?? '/etc/berth/berth.yaml'

/** What the environment says, as keys of the settings file. */
export function settingsIn(env: NodeJS.ProcessEnv): Values {
  const given = settingNames.flatMap((name) => {
    const value = env[name]
    return value ? [[keyOf(name), /^\d+$/.test(value) ? Number(value) : value] as const] : []
  })
  return Object.fromEntries(given)
}

/** The environment of a part: its settings come from the file alone, so that a restart by anyone gives the same. */
export function environmentOfParts(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !settingNames.includes(name) && name !== 'BERTH_ADOPT_SWARM')
  return { ...Object.fromEntries(kept), BERTH_CONFIG: settingsFile(env) }
}

export function readSettings(file: string): Values {
  return existsSync(file) ? ((parse(readFileSync(file, 'utf8')) as Values | null) ?? {}) : {}
}

/** Adds to the file what is new; tells whether an earlier file said otherwise. */
export function keepSettings(file: string, added: Values): { readonly changed: boolean } {
  const before = readSettings(file)
  const after = { ...before, ...added }
  const changed = Object.entries(added).some(([key, value]) => before[key] !== value)
  if (changed || !existsSync(file)) write(file, after)
  return { changed: changed && Object.keys(before).length > 0 }
}

function write(file: string, values: Values) {
  mkdirSync(dirname(file), { recursive: true })
  const text = Object.keys(values).length > 0 ? stringify(values) : ''
  writeFileSync(`${file}.new`, `# Settings of Berth, see docs/config.md. Run "berth up" after a change.\n${text}`)
  renameSync(`${file}.new`, file)
}

const keyOf = (name: string) => name.replace(/^BERTH_/, '').toLowerCase()
