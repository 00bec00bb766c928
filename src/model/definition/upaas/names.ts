/** Names of the file in a repository. */
export const metadataFileNames = ['upaas.yml', 'upaas.yaml'] as const

/** What stands for a file's name, in messages too, where the metadata is the app's and in no repository. */
export const ownMetadata = "the app's metadata"
