import type { z } from 'zod'
import type { Build as BuildSchema, BuildDetail as DetailSchema } from '../contract/builds.ts'
import { buildName } from '../model/build.ts'
import { releaseName } from '../model/release.ts'
import { stateCell } from './states.ts'
import { type Cell, details, table } from './table.ts'
import { lasted, when } from './time.ts'

type Build = z.output<typeof BuildSchema>
type Detail = z.output<typeof DetailSchema>

export const buildTable = (builds: readonly Build[]) =>
  table(
    ['BUILD', 'STATE', 'QUEUED', 'TOOK', 'SIZE', 'REVISION', 'AUTHOR', 'PACKAGE', 'ABOUT'],
    builds.map((build) => [
      buildName(build.number),
      stateCell(build.state),
      when(build.createdAt),
      tookOf(build),
      sizeOf(build.imageBytes),
      build.revision?.slice(0, 8),
      build.author,
      packageOf(build),
      build.error?.message ?? build.message,
    ]),
    'no builds yet; deploy with: git push berth main',
  )

export const buildDetails = (build: Detail): string[] => [
  ...details([
    ['build', buildName(build.number)],
    ['state', stateCell(build.state)],
    ['reason', build.error?.message],
    ['source', build.source],
    ['revision', build.revision],
    ['message', build.message],
    ['author', build.author],
    ['asked for by', build.requester],
    ['recipe', build.recipe],
    ['image', build.image],
    ['size', sizeOf(build.imageBytes)],
    ['package', packageOf(build)],
    ['stored', storedOf(build)],
    ['releases', build.releases.map(releaseName).join(' ')],
    ['queued', when(build.createdAt)],
    ['started', when(build.startedAt)],
    ['took', tookOf(build)],
    ['attempts', build.attempts],
    ['operation', build.operation],
  ]),
  ...(build.changelog.length > 0 ? ['', 'Since the build before:', ...build.changelog.map((line) => `  ${line}`)] : []),
  ...(build.steps.length > 0 ? ['', ...stepTable(build.steps)] : []),
]

const stepTable = (steps: Detail['steps']) =>
  table(
    ['STEP', 'TOOK'],
    steps.map(({ title, ms, cached }): Cell[] => [title, cached ? 'cached' : lasted(ms)]),
  )

function packageOf({ state, kept, pinned, live }: Build): Cell {
  if (state !== 'succeeded') return undefined
  if (live) return { text: pinned ? 'live, pinned' : 'live', colour: 'green' }
  return kept ? (pinned ? 'pinned' : 'kept') : { text: 'gone', colour: 'dim' }
}

function storedOf({ package: kept }: Detail): Cell {
  if (!kept) return undefined
  const size = kept.bytes === null ? '' : `, ${sizeOf(kept.bytes)}`
  const error = kept.error === null ? '' : ` (${kept.error})`
  const words = { stored: `at ${kept.place}${size}`, storing: `not yet${error}`, removing: `being removed${error}` }
  return words[kept.state]
}

const tookOf = ({ startedAt, finishedAt }: Build) =>
  startedAt && finishedAt ? lasted(Date.parse(finishedAt) - Date.parse(startedAt)) : undefined

const sizeOf = (bytes: number | null) => (bytes === null ? undefined : `${Math.round(bytes / 1_000_000)} MB`)
