import { UsageError } from './usage.ts'

export const countOption = {
  lines: { type: 'string', short: 'n', value: 'N', help: 'How many' },
} as const

type Counted = { readonly lines?: string | undefined }

/** What -n says. */
export const countOf = ({ lines }: Counted, otherwise: number) =>
  lines === undefined ? otherwise : wholeNumber('--lines', lines)

export function wholeNumber(what: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${what} must be a whole number, not "${text}"`)
  return Number(text)
}

/** `v12` or `12`. */
export function releaseNumber(text: string): number {
  const digits = /^v?(\d{1,9})$/.exec(text)?.[1]
  if (digits === undefined) throw new UsageError(`"${text}" is no release; they are called v1, v2, …`)
  return Number(digits)
}

/** `b12` or `12`. */
export function buildNumber(text: string): number {
  const digits = /^b?(\d{1,9})$/.exec(text)?.[1]
  if (digits === undefined) throw new UsageError(`"${text}" is no build; they are called b1, b2, …`)
  return Number(digits)
}

/** `512M`, `2G`, or a bare number of megabytes. */
export function megabytes(text: string): number {
  const found = /^(?<size>\d+(?:\.\d+)?)(?<unit>[mg]?)(?:i?b)?$/i.exec(text)?.groups
  if (!found) throw new UsageError(`"${text}" is no size of memory; write it like 512M or 2G`)
  return Math.round(Number(found.size) * (found.unit?.toLowerCase() === 'g' ? 1024 : 1))
}

export function cores(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`"${text}" is no share of processors; write it like 0.5 or 2`)
  return Number(text)
}

export function oneOf<const T extends string>(what: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((known) => known === text)
  if (choice === undefined) throw new UsageError(`${what} must be ${choices.join(' or ')}, not "${text}"`)
  return choice
}
