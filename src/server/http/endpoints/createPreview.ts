import { createPreview } from '../../../contract/previews.ts'
import { refuse } from '../../../model/refusal.ts'
import { deployPreview, openPreview } from '../../store/openPreview.ts'
import { previewNamed } from '../../store/previews.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'
import { previewView } from '../views/preview.ts'

export const route = handle(createPreview, ({ settings }, call) =>
  call.write(['apps', 'operations'], async (tx) => {
    const { actor, body } = call
    const parent = await authorizedApp(tx, call)
    const none = { pull: null, fork: null, commit: null, message: '' }
    const wish = { ...none, branch: body.branch, author: actor.name, idleSeconds: body.idleSeconds }
    const { preview, app } = await openPreview(tx, parent, wish)
    if (!app) return refuse('STATE', preview.name, 'deploy', 'not approved', 'approved')
    const operation = await deployPreview(tx, parent, { preview, app }, actor.name)
    call.subject.target = `app ${app.name}`
    const row = await previewNamed(tx, parent, preview.name)
    return { preview: await previewView(tx, parent, row, settings), operation: operationView(operation) }
  }),
)
