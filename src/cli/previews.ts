import type { z } from 'zod'
import type { Preview, PreviewRules } from '../contract/previews.ts'
import { foreign } from './print.ts'
import { secondsOf } from './sources.ts'
import { stateCell } from './states.ts'
import { details, table } from './table.ts'
import { when } from './time.ts'
import { UsageError } from './usage.ts'

type Shown = z.output<typeof Preview>

export const previewTable = (previews: readonly Shown[]) =>
  table(
    ['NAME', 'STATE', 'BRANCH', 'PULL', 'COMMIT', 'EXPIRES', 'URL'],
    previews.map(({ name, state, branch, pull, commit, expiresAt, url }) => [
      name,
      stateCell(state),
      foreign(branch),
      pull ?? '',
      commit?.slice(0, 8) ?? '',
      expiresAt === null ? 'never' : when(expiresAt),
      state === 'waiting' ? '' : url,
    ]),
    'no preview; berth preview set says for what there are some',
  )

export const previewDetails = (app: string, preview: Shown): string[] => [
  ...details([
    ['preview', preview.name],
    ['state', stateCell(preview.state)],
    ['url', preview.url],
    ['branch', foreign(preview.branch)],
    ['pull request', preview.pull === null ? undefined : `${preview.pull} ${foreign(preview.webUrl ?? '')}`.trim()],
    ['from', preview.fork === null ? undefined : foreign(preview.fork)],
    ['commit', preview.commit],
    ['about', foreign(preview.message)],
    ['by', foreign(preview.author)],
    ['approved by', preview.approvedBy],
    ['secrets', preview.secrets ? 'those of the app' : 'none'],
    ['deployed', when(preview.usedAt)],
    ['expires', preview.expiresAt === null ? 'never' : when(preview.expiresAt)],
  ]),
  ...(preview.state === 'waiting'
    ? [
        '',
        `It is not built until an admin of the team has looked at it: berth preview approve ${preview.name} -a ${app}`,
      ]
    : []),
]

export const ruleLines = ({ branches, pulls, idleSeconds, most, secrets }: z.output<typeof PreviewRules>): string[] =>
  details([
    ['branches', branches.join(', ') || 'none'],
    ['pull requests', pulls ? 'yes; those from other repositories wait for approval' : 'no'],
    ['expire', idleSeconds === null ? 'never' : `${lasting(idleSeconds)} after the last deploy`],
    ['at most', String(most)],
    ['secrets', secrets ? "the app's" : 'none'],
  ])

function lasting(seconds: number): string {
  const found = (
    [
      [86_400, 'd'],
      [3_600, 'h'],
      [60, 'm'],
    ] as const
  ).find(([size]) => seconds % size === 0)
  return found ? `${seconds / found[0]}${found[1]}` : `${seconds}s`
}

export const expireOption = {
  expire: { type: 'string', value: 'TIME', help: 'Destroyed that long after its last deploy (7d, 12h, never)' },
} as const

/** What --expire says; nothing where it was not given. */
export function idleOf(expire: string | undefined): { idleSeconds?: number | null } {
  if (expire === undefined) return {}
  const idleSeconds = secondsOf(expire)
  if (idleSeconds === undefined) throw new UsageError('--expire is a time like 12h or 7d, or never')
  return { idleSeconds }
}
