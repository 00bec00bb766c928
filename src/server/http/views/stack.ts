import type { z } from 'zod'
import type { AppStack, Stack, StackDetail, Upgrade } from '../../../contract/stacks.ts'
import type { Named } from '../../../lib/ownFiles.ts'
import type { Stack as StackFile } from '../../../stack/schema.ts'
import { type StackState, wordFor } from '../../../stack/state.ts'
import { type Current, type Serving, standing, type UpgradedApp, type UpgradeRow } from '../../store/upgrades.ts'

export const stackView = (state: StackState): z.input<typeof Stack> => ({
  name: state.name,
  summary: state.file?.value.title ?? state.broken?.file ?? 'an image of the operator',
  origin: state.file?.origin ?? (state.broken ? 'own' : 'none'),
  default: state.isDefault,
  state: wordFor(state),
  image: state.image ?? null,
  maxAge: state.file?.value.maxAge ?? null,
  failures: state.progress?.failures ?? 0,
  error: state.broken?.reason ?? state.progress?.error ?? null,
  nextAt: state.progress?.next_at ?? null,
})

type Detail = z.input<typeof StackDetail>

export const stackDetail = (state: StackState, apps: readonly Serving[], current: Current): Detail => ({
  ...stackView(state),
  ...(state.file ? ofFile(state.file) : { base: state.name, packages: [], commands: [], text: '' }),
  apps: apps.flatMap((serving) => {
    const { app, build } = serving
    if (!build?.stack) return []
    return [{ app: app.name, build: build.number, image: build.stack, old: standing(serving, current) === 'old' }]
  }),
})

const ofFile = ({ value, text }: Named<StackFile>) => ({
  base: 'suite' in value.base ? value.base.suite : value.base.image,
  packages: value.packages,
  commands: value.commands.map(({ title, seconds }) => ({ title, seconds })),
  text,
})

export function appStackView(stack: string | null, serving: Serving | undefined, current: Current) {
  const { build } = serving ?? {}
  const builtOn =
    serving && build?.stack
      ? { name: build.stack_name ?? '', image: build.stack, old: standing(serving, current) === 'old' }
      : null
  return { stack, builtOn } satisfies z.input<typeof AppStack>
}

export const upgradeView = (row: UpgradeRow, apps: readonly UpgradedApp[]): z.input<typeof Upgrade> => ({
  id: row.id,
  stack: row.stack,
  state: row.state,
  author: row.author,
  cancelledBy: row.cancel_by,
  createdAt: row.created_at,
  finishedAt: row.finished_at,
  apps: apps.map(({ app, state, operation_id, reason }) => ({ app, state, operation: operation_id, reason })),
})
