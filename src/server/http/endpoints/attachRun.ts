import { attachRun } from '../../../contract/runs.ts'
import { refuse } from '../../../model/refusal.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'

/** Without an upgrade there is nothing to attach to; the socket itself is served by attachments.ts. */
export const route = handle(attachRun, async ({ store }, call) => {
  await store.read((tx) => authorizedApp(tx, call))
  return refuse('INVALID', 'upgrade', 'this path is a WebSocket')
})
