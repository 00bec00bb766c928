import { eachAtOnce } from '../../lib/eachAtOnce.ts'
import { log } from '../../lib/log.ts'
import { isOver, type OperationState } from '../../model/operation.ts'
import { releaseName } from '../../model/release.ts'
import type { Allowed } from '../sources/addresses.ts'
import { changeReport, dueReports, removeReport } from '../store/hooks.ts'
import type { Store } from '../store/store.ts'
import { trustedApiUrl } from './apiUrl.ts'
import { providers } from './providers/all.ts'
import type { Report, ReportState } from './providers/provider.ts'
import { send } from './send.ts'

type Parts = { readonly store: Store; readonly allowed: Allowed; readonly urlOf: (app: string) => string }
type Due = Awaited<ReturnType<typeof dueReports>>[number]

const mostFailures = 8

/** Tells providers what became of the commits that their hooks have deployed, where a token was given. */
export const commitReports = (parts: Parts) => ({
  name: 'commit reports',
  topics: ['operations'] as const,
  everyMs: 15_000,
  async pass(signal: AbortSignal) {
    const due = await parts.store.read(dueReports)
    await eachAtOnce(due, async (row) => signal.aborted || (await tell(parts, row)))
  },
})

const states: Readonly<Record<OperationState, ReportState>> = {
  queued: 'pending',
  running: 'pending',
  succeeded: 'success',
  failed: 'failure',
  cancelled: 'cancelled',
  superseded: 'cancelled',
}

async function tell(parts: Parts, row: Due): Promise<void> {
  const { store } = parts
  if (row.state === null || row.token === null)
    return void (await store.write([], (tx) => removeReport(tx, row.operation_id)))
  const state = states[row.state]
  if (state === row.sent) return
  const failure = await attempt(parts, row, state)
  await store.write([], async (tx) => {
    if (failure !== undefined) return await noteFailure(tx, row, failure)
    if (row.state !== null && isOver(row.state)) await removeReport(tx, row.operation_id)
    else await changeReport(tx, row.operation_id, { sent: state, failures: 0 })
  })
}

/** Undefined when it was taken. */
async function attempt({ store, allowed, urlOf }: Parts, row: Due, state: ReportState): Promise<string | undefined> {
  const provider = providers[row.provider]
  const apiUrl = trustedApiUrl(row.api_url, row.provider, row.source_url)
  if (apiUrl === undefined) return 'it is not noted where the token of this hook may go; create the hook anew'
  const app = row.app ?? ''
  const report: Report = {
    project: row.project,
    commit: row.commit_id,
    state,
    context: `berth/${app}`,
    description: descriptionOf(row, state),
    url: urlOf(app),
  }
  try {
    const status = await send(provider.report(report, { apiUrl, token: store.cipher.open(row.token ?? '') }), allowed)
    return status >= 200 && status < 300 ? undefined : `it answered ${status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function descriptionOf({ release_number, error_message }: Due, state: ReportState): string {
  if (state === 'success') return release_number === null ? 'deployed' : `${releaseName(release_number)} is live`
  if (state === 'pending') return 'the deploy is under way'
  return error_message ?? 'the deploy did not succeed'
}

async function noteFailure(tx: Parameters<typeof changeReport>[0], row: Due, reason: string) {
  const failures = row.failures + 1
  log.warn({ operation: row.operation_id, provider: row.provider, reason }, 'a commit status was not taken')
  if (failures >= mostFailures) return void (await removeReport(tx, row.operation_id))
  const next_at = new Date(Date.now() + Math.min(15_000 * 2 ** failures, 3_600_000)).toISOString()
  await changeReport(tx, row.operation_id, { failures, next_at })
}
