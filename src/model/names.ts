import { refuse } from './refusal.ts'

declare const brand: unique symbol
type Branded<B extends string> = string & { readonly [brand]: B }

export type AppName = Branded<'AppName'>
export type ProcessName = Branded<'ProcessName'>
export type EnvName = Branded<'EnvName'>
export type HostName = Branded<'HostName'>
export type Label = Branded<'Label'>

/** Host names that the platform keeps for itself under its own domain. */
const reserved = new Set(['berth', 'www', 'api', 'admin', 'git', 'ssh', 'localhost', 'router', 'registry'])

/** An app's name is a DNS label, for it becomes one: a–z, 0–9, inner hyphens, at most 40 characters, a letter first. */
export function appName(raw: string): AppName {
  if (!/^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,39}$/.test(raw)) {
    refuse('INVALID', 'app name', 'use 1 to 40 of a-z, 0-9 and single inner hyphens, a letter first (like "my-blog")')
  }
  if (reserved.has(raw)) refuse('INVALID', 'app name', `"${raw}" is reserved`)
  return raw as AppName
}

/** A process type, as the left side of a Procfile line. */
export function processName(raw: string): ProcessName {
  if (!/^[a-z](?:[a-z0-9]|[-_](?=[a-z0-9])){0,29}$/.test(raw)) {
    refuse('INVALID', 'process name', 'use 1 to 30 of a-z, 0-9 and inner - or _, a letter first (like "web")')
  }
  return raw as ProcessName
}

/** An environment variable: POSIX name; PORT and BERTH_* belong to the platform. */
export function envName(raw: string): EnvName {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(raw)) {
    refuse('INVALID', 'variable name', 'use letters, digits and _, not starting with a digit')
  }
  if (raw === 'PORT' || raw.startsWith('BERTH_')) {
    refuse('INVALID', 'variable name', `${raw} is set by Berth and cannot be changed`)
  }
  return raw as EnvName
}

/** 64 KiB at most and no NUL byte: what the kernel and the Engine both accept. */
export function envValue(raw: string): string {
  if (raw.includes('\0')) refuse('INVALID', 'variable value', 'must not contain a NUL byte')
  if (new TextEncoder().encode(raw).length > 65_536) refuse('TOO_LARGE', 'the value of a variable', '64 KiB')
  return raw
}

const hostLabel = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/** A host name: trimmed, lower-case, no trailing dot; not an address; a first label of `*` is a wildcard. */
export function hostName(raw: string): HostName {
  const name = raw.trim().toLowerCase().replace(/\.$/, '')
  const labels = name.split('.')
  const checked = labels[0] === '*' ? labels.slice(1) : labels
  const valid = name.length <= 253 && checked.length > 0 && checked.every((label) => hostLabel.test(label))
  if (!valid)
    refuse('INVALID', 'host name', 'must look like blog.example.com (for other alphabets, give the xn-- form)')
  if (labels.length < 2) refuse('INVALID', 'host name', 'needs a domain, like blog.example.com')
  if (/^\d+$/.test(labels.at(-1) ?? '')) refuse('INVALID', 'host name', 'must be a name, not an address')
  return name as HostName
}

/** What a person may call a token, a key or a team: printable, one line, at most 80 characters. */
export function label(field: string, raw: string): Label {
  const text = raw.trim()
  if (text.length < 1 || text.length > 80) refuse('INVALID', field, 'must have 1 to 80 characters')
  if (/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text))
    refuse('INVALID', field, 'must be one line of printable characters')
  return text as Label
}
