import type { z } from 'zod'
import type { AppSource } from '../contract/sources.ts'
import { details } from './table.ts'
import { when } from './time.ts'

type Source = z.output<typeof AppSource>

export function sourceLines(app: string, { repository, folder, watch, deployKey }: Source): string[] {
  const about = repository
    ? repositoryPairs(repository)
    : ([['source', `none: ${app} is deployed by git push`]] as const)
  const paths = [
    ...(folder === '' ? [] : [['folder', folder] as const]),
    ...(watch.length === 0 ? [] : [['watch', watch.join(', ')] as const]),
  ]
  return [...details([...about, ...paths]), ...keyLines(repository?.url, deployKey)]
}

function repositoryPairs({
  kind,
  url,
  ref,
  password,
  pollSeconds,
  revision,
  checkedAt,
  error,
}: NonNullable<Source['repository']>) {
  return [
    ['source', `${url} (${kind})`],
    ['ref', ref ?? 'its default'],
    ...(password ? [['password', 'kept'] as const] : []),
    ['polled', pollSeconds === null ? 'never' : `every ${pollSeconds} s`],
    ['revision', revision],
    ['looked at', when(checkedAt)],
    ...(error === null ? [] : [['error', { text: error, colour: 'red' }] as const]),
  ] as const
}

const keyLines = (url: string | undefined, key: string | null): string[] =>
  key === null || !/^(ssh|svn\+ssh|bzr\+ssh):/.test(url ?? '')
    ? []
    : ['', 'Its deploy key; let it read the repository where that is:', key]

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** `90s`, `5m`, `1h`, or `never`. Undefined for anything else. */
export function secondsOf(text: string): number | null | undefined {
  if (text === 'never') return null
  const [, digits, unit = 's'] = /^(\d{1,6})([smhd]?)$/.exec(text) ?? []
  return digits === undefined ? undefined : Number(digits) * (units[unit || 's'] ?? 1)
}
