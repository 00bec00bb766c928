import { showPreviewRules } from '../../../contract/previews.ts'
import { previewRules } from '../../store/previews.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { previewRulesView } from '../views/preview.ts'

export const route = handle(showPreviewRules, ({ store }, call) =>
  store.read(async (tx) => previewRulesView(await previewRules(tx, (await authorizedApp(tx, call)).id))),
)
