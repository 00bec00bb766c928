import type { z } from 'zod'
import type { Pipeline, Promotion } from '../contract/pipelines.ts'
import { releaseName } from '../model/release.ts'
import { foreign } from './print.ts'
import { stateCell } from './states.ts'
import { details, table } from './table.ts'

const mostShown = 20

/** What comes with a promotion, and what may be missing where it goes. */
export function promotionLines({
  from,
  to,
  release,
  commit,
  same,
  commits,
  missing,
}: z.output<typeof Promotion>): string[] {
  const what = `${releaseName(release)}${commit === null ? '' : ` (${commit.slice(0, 8)})`} of ${from}`
  if (same) return [`${to} already runs what ${what} does`]
  const more = commits.length - mostShown
  return [
    `${what} to ${to}:`,
    ...commits.slice(0, mostShown).map((subject) => `  ${foreign(subject)}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    ...(missing.length > 0 ? [`only ${from} has the variables ${missing.join(', ')}`] : []),
  ]
}

export const pipelineLines = ({ name, team, stages }: z.output<typeof Pipeline>): string[] => [
  ...details([
    ['pipeline', name],
    ['team', team],
  ]),
  '',
  ...table(
    ['STAGE', 'APP', 'STATE', 'RELEASE', 'COMMIT', 'URL'],
    stages.flatMap((stage) =>
      stage.apps.length === 0
        ? [[stage.name, '', '', '', '', '']]
        : stage.apps.map((app) => [
            stage.name,
            app.name,
            stateCell(app.state),
            app.release === null ? '' : releaseName(app.release),
            app.commit?.slice(0, 8) ?? '',
            app.url,
          ]),
    ),
  ),
]
