import { refuse } from './refusal.ts'
import { fitsName } from './watch.ts'

/** For what an app gets previews, for how long, and how many. */
export type PreviewRules = {
  /** Patterns of branches whose push makes one; `*` for all, a leading `!` for those that get none. */
  readonly branches: readonly string[]
  /** Whether pull requests make one. Those from other repositories wait for approval. */
  readonly pulls: boolean
  /** How long one stays after its last deploy; null for as long as it is wanted. */
  readonly idleSeconds: number | null
  readonly most: number
  /** Whether they get the app's secrets too; those from other repositories never by this. */
  readonly secrets: boolean
}

export const noPreviews: PreviewRules = {
  branches: [],
  pulls: false,
  idleSeconds: 7 * 24 * 60 * 60,
  most: 5,
  secrets: false,
}

/** Pull requests from elsewhere that wait at once, for one app. */
export const mostWaiting = 50

/** The last pattern that fits decides. */
export const wantsBranch = ({ branches }: Pick<PreviewRules, 'branches'>, branch: string): boolean =>
  branches.reduce((wanted, pattern) => {
    const excludes = pattern.startsWith('!')
    return fitsName(excludes ? pattern.slice(1) : pattern, branch) ? !excludes : wanted
  }, false)

export function branchPatterns(raw: readonly string[]): readonly string[] {
  if (raw.length > 50) refuse('TOO_LARGE', 'the number of patterns', '50')
  return raw.map((pattern) => {
    const text = pattern.trim()
    return /^[!\x21-\x7e]{1,200}$/.test(text)
      ? text
      : refuse('INVALID', 'branches', 'a pattern has 1 to 200 printable characters and no blanks')
  })
}

type Of = { readonly branch: string; readonly pull: number | null }

const mostLetters = 40
const mostOfBranch = 24

/** What a preview may be called, best first; `mark` tells apart what would look alike. */
export function previewNames(app: string, { branch, pull }: Of, mark: string): readonly string[] {
  const word = slug(branch)
  const short = word.slice(0, mostOfBranch).replace(/-$/, '')
  const plain = pull === null ? (short === word && short !== '' ? [short] : []) : [`pr-${pull}`]
  const marked = pull === null ? [short, mark].filter((part) => part !== '').join('-') : `pr-${pull}-${mark}`
  return [...plain, marked].map((tail) => joined(app, tail))
}

const slug = (branch: string) =>
  branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

const joined = (app: string, tail: string) => `${app.slice(0, mostLetters - 1 - tail.length).replace(/-$/, '')}-${tail}`

/** Of a pull request from elsewhere: `needed`, or given for `all` of its commits or for one of them. */
export const isApproved = ({ approval }: { readonly approval: string }, commit: string | null): boolean =>
  approval === 'none' || approval === 'all' || (commit !== null && approval === commit)
