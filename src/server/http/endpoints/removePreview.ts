import { removePreview } from '../../../contract/previews.ts'
import { closePreview } from '../../store/openPreview.ts'
import { previewNamed } from '../../store/previews.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { operationView } from '../views/operation.ts'

export const route = handle(removePreview, (_, call) =>
  call.write(['apps', 'operations'], async (tx) => {
    const parent = await authorizedApp(tx, call)
    const preview = await previewNamed(tx, parent, call.params.preview)
    call.subject.target = `app ${preview.name}`
    const operation = await closePreview(tx, preview, call.actor.name)
    return { operation: operation ? operationView(operation) : null }
  }),
)
