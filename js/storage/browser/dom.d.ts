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

declare class FileSystemObserver {
  constructor(callback: (records: unknown[]) => void);
  observe(handle: FileSystemFileHandle | FileSystemDirectoryHandle): Promise<void>;
  disconnect(): void;
}
