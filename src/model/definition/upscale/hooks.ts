import { refuse } from '../../refusal.ts'

/** Scripts of the repository, in the order in which they run. */
export type Hooks = { readonly before: readonly string[]; readonly after: readonly string[] }

const folder = '.upscale/'
const most = 50

export const isHookPath = (path: string) => path.startsWith(folder)

/**
 * `.upscale/pre-build.d/*` run before the runtime's steps; `.upscale/build` and `.upscale/post-build.d/*` after them.
 * Throws SOURCE for what cannot be run. `files` are regular files, `paths` is everything there is.
 */
export function hooksOf(files: Iterable<string>, paths: Iterable<string>): Hooks {
  const plain = new Set([...files].filter(isHookPath))
  const all = [...paths].filter(isHookPath)
  const build = plain.has('.upscale/build') ? ['.upscale/build'] : []
  return { before: scriptsIn('pre-build.d', plain, all), after: [...build, ...scriptsIn('post-build.d', plain, all)] }
}

function scriptsIn(name: string, files: ReadonlySet<string>, all: readonly string[]): string[] {
  const start = `${folder}${name}/`
  const inside = all.filter((path) => path.startsWith(start)).map((path) => path.slice(start.length))
  const names = [...new Set(inside.map((path) => path.split('/', 1)[0] ?? ''))].filter((own) => !own.startsWith('.'))
  if (names.length > most) refuse('SOURCE', `${start} has more than ${most} scripts`)
  for (const own of names) checkScript(`${start}${own}`, files)
  return names.toSorted(byVersion).map((own) => `${start}${own}`)
}

function checkScript(path: string, files: ReadonlySet<string>): void {
  const shown = JSON.stringify(path)
  if (!files.has(path)) refuse('SOURCE', `${shown} is no file; only scripts stand there`)
  if (!/^[\w@+.,:=~ -]+$/.test(path.slice(path.lastIndexOf('/') + 1))) {
    refuse('SOURCE', `the name of the script ${shown} has other characters than letters, digits and _ @ + . , : = ~ -`)
  }
}

/** As `sort -V`: numbers inside of names count as numbers, so 100 comes after 90. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)]
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    const order = compare(part, other)
    if (order !== 0) return order
  }
  return left.length - right.length
}

const partsOf = (name: string) => name.match(/\d+|\D+/g) ?? []

function compare(a: string, b: string): number {
  if (/^\d/.test(a) && /^\d/.test(b)) {
    const [x, y] = [BigInt(a), BigInt(b)]
    if (x !== y) return x < y ? -1 : 1
  }
  return a === b ? 0 : a < b ? -1 : 1
}
