import { refuse } from './refusal.ts'
import { repositoryPath } from './repositoryPath.ts'

const mostGlobs = 50

/** The folder of a repository that is built; empty for all of it. */
export function folderPath(raw: string): string {
  const path = raw.trim().replace(/^\.?\/+|\/+$/g, '')
  if (path === '' || path === '.') return ''
  return path.length <= 200 && repositoryPath.test(path)
    ? path
    : refuse('INVALID', 'folder', 'must be a plain path inside the repository, like services/api')
}

/** Patterns of paths: `*` and `?` within a name, `**` for any folders, a leading `!` for what does not count. */
export function watchGlobs(raw: readonly string[]): readonly string[] {
  if (raw.length > mostGlobs) refuse('TOO_LARGE', 'the number of watched paths', String(mostGlobs))
  return raw.map((glob) => {
    const text = glob.trim()
    if (text.length === 0 || text.length > 200 || /\p{Cc}/u.test(text) || text.split('/').length > 30)
      refuse('INVALID', 'watch', 'a pattern has 1 to 200 printable characters')
    return text
  })
}

/** Whether a change of these paths concerns who watches; no patterns watch everything. The last pattern that fits a path decides. */
export function concerns(globs: readonly string[], paths: readonly string[]): boolean {
  if (globs.length === 0) return true
  const onlyExcludes = globs.every((glob) => glob.startsWith('!'))
  return paths.some((path) =>
    globs.reduce((counts, glob) => {
      const excludes = glob.startsWith('!')
      return matches(excludes ? glob.slice(1) : glob, path) ? !excludes : counts
    }, onlyExcludes),
  )
}

/** A pattern that names a folder means all that is in it. */
function matches(glob: string, path: string): boolean {
  const pattern = glob
    .replace(/^\.?\//, '')
    .replace(/\/$/, '/**')
    .split('/')
  const parts = path.split('/')
  return fits(pattern, parts) || fits([...pattern, '**'], parts)
}

/** Row by row, so that no pattern takes more than its length times the path's. */
function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  let reached = parts.map(() => false)
  let start = true
  for (const part of pattern) {
    const before = [start, ...reached]
    if (part === '**') {
      let open = start
      reached = parts.map((_, at) => {
        open ||= before[at + 1] === true
        return open
      })
    } else {
      reached = parts.map((name, at) => before[at] === true && fitsName(part, name))
      start = false
    }
  }
  return reached.at(-1) ?? start
}

/** One name: goes back only to the last star. */
export function fitsName(pattern: string, name: string): boolean {
  let [p, n, star, from] = [0, 0, -1, 0]
  while (n < name.length) {
    if (p < pattern.length && (pattern[p] === '?' || (pattern[p] === name[n] && pattern[p] !== '*'))) {
      p++
      n++
    } else if (pattern[p] === '*') {
      star = p++
      from = n
    } else if (star >= 0) {
      p = star + 1
      n = ++from
    } else return false
  }
  while (pattern[p] === '*') p++
  return p === pattern.length
}
