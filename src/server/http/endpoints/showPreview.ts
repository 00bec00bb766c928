import { showPreview } from '../../../contract/previews.ts'
import { previewNamed } from '../../store/previews.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { previewView } from '../views/preview.ts'

export const route = handle(showPreview, ({ store, settings }, call) =>
  store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    return await previewView(tx, app, await previewNamed(tx, app, call.params.preview), settings)
  }),
)
