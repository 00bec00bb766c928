import { createApp, destroyApp, listApps, showApp } from './apps.ts'
import { cancelBuild, createRelease, deleteBuild, listBuilds, pinBuild, retryBuild, showBuild } from './builds.ts'
import { deploy, deployImage, deployImageFile } from './deploys.ts'
import { addDomain, listDomains, removeDomain } from './domains.ts'
import { changeEnv, listEnv } from './env.ts'
import { listEvents, listTeamEvents } from './events.ts'
import { health, platformStatus } from './health.ts'
import { createHook, listDeliveries, listHooks, receiveHook, removeHook } from './hooks.ts'
import { listInstances } from './instances.ts'
import { addKey, listKeys, removeKey } from './keys.ts'
import { appLogs } from './logs.ts'
import { deployMetadata, setMetadata, showMetadata } from './metadata.ts'
import { cancelOperation, listAppOperations, listOperations, operationLog, showOperation } from './operations.ts'
import { downloadBuild, packageStorage } from './packages.ts'
import {
  addToPipeline,
  cloneApp,
  createPipeline,
  listPipelines,
  promote,
  removeFromPipeline,
  removePipeline,
  showPipeline,
  showPromotion,
} from './pipelines.ts'
import {
  approvePreview,
  createPreview,
  listPreviews,
  removePreview,
  setPreviewRules,
  showPreview,
  showPreviewRules,
} from './previews.ts'
import { addRegistry, listRegistries, removeRegistry } from './registries.ts'
import { listReleases, restart, rollback, showRelease } from './releases.ts'
import { attachRun, createRun } from './runs.ts'
import { listRuntimes, showRuntime } from './runtimes.ts'
import { changeScale, showScale } from './scale.ts'
import { changePassword, login, logout, whoami } from './sessions.ts'
import { deploySource, removeSource, setSource, showSource } from './sources.ts'
import {
  buildStack,
  cancelUpgrade,
  createUpgrade,
  listStacks,
  listUpgrades,
  setAppStack,
  showAppStack,
  showStack,
  showUpgrade,
  stackLog,
} from './stacks.ts'
import { changeTeamLimits, showTeamLimits } from './teamLimits.ts'
import { createTeam, listMembers, listTeams, removeMember, setMember } from './teams.ts'
import { createToken, listTokens, removeToken } from './tokens.ts'
import { continueUpload, createUpload, deployUpload, showUpload } from './uploads.ts'
import { changeUser, createUser, listUsers } from './users.ts'

/** All there is: the server registers from this, the documents are printed from it, the tests are generated from it. */
export const endpoints = {
  health,
  login,
  logout,
  whoami,
  changePassword,
  listApps,
  createApp,
  showApp,
  destroyApp,
  cloneApp,
  showPromotion,
  promote,
  listPipelines,
  createPipeline,
  showPipeline,
  removePipeline,
  addToPipeline,
  removeFromPipeline,
  listPreviews,
  createPreview,
  showPreview,
  removePreview,
  approvePreview,
  showPreviewRules,
  setPreviewRules,
  deploy,
  showSource,
  setSource,
  removeSource,
  deploySource,
  deployImage,
  deployImageFile,
  createUpload,
  showUpload,
  continueUpload,
  deployUpload,
  listRegistries,
  addRegistry,
  removeRegistry,
  listHooks,
  createHook,
  removeHook,
  listDeliveries,
  receiveHook,
  showMetadata,
  setMetadata,
  deployMetadata,
  listBuilds,
  showBuild,
  cancelBuild,
  retryBuild,
  pinBuild,
  deleteBuild,
  downloadBuild,
  createRelease,
  listReleases,
  showRelease,
  rollback,
  restart,
  listEnv,
  changeEnv,
  showScale,
  changeScale,
  listInstances,
  appLogs,
  createRun,
  attachRun,
  listDomains,
  addDomain,
  removeDomain,
  listAppOperations,
  listOperations,
  showOperation,
  operationLog,
  cancelOperation,
  listKeys,
  addKey,
  removeKey,
  listTokens,
  createToken,
  removeToken,
  listTeams,
  createTeam,
  listMembers,
  setMember,
  showTeamLimits,
  changeTeamLimits,
  removeMember,
  listTeamEvents,
  listUsers,
  createUser,
  changeUser,
  listEvents,
  platformStatus,
  packageStorage,
  listRuntimes,
  showRuntime,
  listStacks,
  showStack,
  buildStack,
  stackLog,
  showAppStack,
  setAppStack,
  createUpgrade,
  listUpgrades,
  showUpgrade,
  cancelUpgrade,
} as const

export type EndpointName = keyof typeof endpoints
