import type { z } from 'zod'
import type { Preview, PreviewRules } from '../../../contract/previews.ts'
import { isApproved, type PreviewRules as Rules } from '../../../model/preview.ts'
import type { AppRow } from '../../store/access.ts'
import { factsOf } from '../../store/overview.ts'
import { expiryOf, type PreviewRow, previewRules } from '../../store/previews.ts'
import type { ReadTx } from '../../store/store.ts'
import type { Settings } from '../context.ts'
import { appState } from './app.ts'
import { appUrl } from './urls.ts'

export async function previewView(
  tx: ReadTx,
  parent: AppRow,
  row: PreviewRow,
  settings: Settings,
): Promise<z.input<typeof Preview>> {
  const { secrets } = await previewRules(tx, parent.id)
  return {
    name: row.name,
    url: appUrl(row.name, settings),
    state: await stateOf(tx, row),
    branch: row.branch,
    pull: row.pull,
    fork: row.fork,
    commit: row.commit_id,
    message: row.message,
    author: row.author,
    webUrl: row.web_url,
    approvedBy: row.approved_by,
    secrets: row.fork === null ? secrets : row.with_secrets === 1,
    usedAt: row.used_at,
    expiresAt: expiryOf(row),
    createdAt: row.created_at,
  }
}

async function stateOf(tx: ReadTx, row: PreviewRow) {
  if (row.app_id === null || !isApproved(row, row.commit_id)) return 'waiting'
  const app = await tx.selectFrom('apps').selectAll().where('id', '=', row.app_id).executeTakeFirstOrThrow()
  const [facts] = await factsOf(tx, [app])
  return facts ? appState(facts) : 'new'
}

export const previewRulesView = (rules: Rules): z.input<typeof PreviewRules> => ({
  ...rules,
  branches: [...rules.branches],
})
