// What TypeScript's library for pages lacks: there only in dedicated workers, and in Chromium.

interface FileSystemSyncAccessHandle {
  getSize(): number;
  read(buffer: AllowSharedBufferSource, options?: { at?: number }): number;
  write(buffer: AllowSharedBufferSource, options?: { at?: number }): number;
  flush(): void;
  close(): void;
}

interface FileSystemFileHandle {
  createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}

interface FileSystemChangeRecord {
  type: "appeared" | "disappeared" | "errored" | "modified" | "moved" | "unknown";
  relativePathComponents: readonly string[];
  relativePathMovedFrom: readonly string[] | null;
}

declare class FileSystemObserver {
  constructor(callback: (records: FileSystemChangeRecord[], observer: FileSystemObserver) => void);
  observe(
    handle: FileSystemFileHandle | FileSystemDirectoryHandle,
    options?: { recursive?: boolean },
  ): Promise<void>;
  disconnect(): void;
}
