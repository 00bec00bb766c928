import { setPreviewRules } from '../../../contract/previews.ts'
import { refuse } from '../../../model/refusal.ts'
import * as previews from '../../store/previews.ts'
import { authorizedApp } from '../authorized.ts'
import { handle } from '../handle.ts'
import { previewRulesView } from '../views/preview.ts'

export const route = handle(setPreviewRules, (_, call) =>
  call.write('apps', async (tx) => {
    const app = await authorizedApp(tx, call)
    if (previews.isPreview(app)) refuse('STATE', app.name, 'make previews of', 'one itself', 'an app of its own')
    const { branches, pulls, idleSeconds, most, secrets } = call.body
    const known = await previews.previewRules(tx, app.id)
    const rules = {
      branches: branches ?? known.branches,
      pulls: pulls ?? known.pulls,
      idleSeconds: idleSeconds === undefined ? known.idleSeconds : idleSeconds,
      most: most ?? known.most,
      secrets: secrets ?? known.secrets,
    }
    await previews.setPreviewRules(tx, app.id, rules)
    return previewRulesView(rules)
  }),
)
