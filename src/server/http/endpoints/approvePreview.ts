import { approvePreview } from '../../../contract/previews.ts'
import { refuse } from '../../../model/refusal.ts'
import { addReport } from '../../store/hooks.ts'
import { deployPreview, resumePreview } from '../../store/openPreview.ts'
import { changePreview, type PreviewRow, previewNamed } from '../../store/previews.ts'
import type { WriteTx } from '../../store/store.ts'
import { authorizedApp } from '../authorized.ts'
import type { Call } from '../call.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'
import { previewView } from '../views/preview.ts'

export const route = handle(approvePreview, ({ settings }, call) =>
  call.write(['apps', 'operations'], async (tx) => {
    const parent = await authorizedApp(tx, call)
    const known = await previewNamed(tx, parent, call.params.preview)
    await approve(tx, known, call)
    const opened = await resumePreview(tx, parent, await previewNamed(tx, parent, known.name))
    const operation = await deployPreview(tx, parent, opened, call.actor.name)
    await reportTo(tx, known, operation.id)
    call.subject.target = `app ${known.name} at ${known.commit_id}${call.body.secrets ? ' with secrets' : ''}`
    const row = await previewNamed(tx, parent, known.name)
    return { preview: await previewView(tx, parent, row, settings), operation: operationView(operation) }
  }),
)

async function approve(tx: WriteTx, known: PreviewRow, { actor, body }: Call<typeof approvePreview>) {
  const { name, commit_id: commit, fork } = known
  if (fork === null || commit === null)
    return refuse('STATE', name, 'approve', 'of the repository of its app', 'from another one')
  if (body.commit !== undefined && body.commit !== commit)
    refuse('STATE', name, 'approve', `at ${commit}`, `at ${body.commit}, which you have looked at`)
  await changePreview(tx, known.id, {
    approval: body.all ? 'all' : commit,
    approved_by: actor.name,
    with_secrets: body.secrets ? 1 : 0,
  })
}

/** Where the hook that it came by has a token, the provider hears of it. */
async function reportTo(tx: WriteTx, { hook_id, project, commit_id }: PreviewRow, operationId: string) {
  if (hook_id === null || project === null || commit_id === null) return
  const hook = await tx.selectFrom('hooks').select('token').where('id', '=', hook_id).executeTakeFirst()
  if (hook?.token) await addReport(tx, { operation_id: operationId, hook_id, project, commit_id })
}
