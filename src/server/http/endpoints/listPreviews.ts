import { listPreviews } from '../../../contract/previews.ts'
import { previewsOf } from '../../store/previews.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { previewView } from '../views/preview.ts'

export const route = handle(listPreviews, ({ store, settings }, call) =>
  store.read(async (tx) => {
    const app = await authorizedApp(tx, call)
    return await Array.fromAsync(await previewsOf(tx, app.id), (row) => previewView(tx, app, row, settings))
  }),
)
