// What TypeScript's library for pages lacks: it is there in Chromium.

interface DataTransferItem {
  getAsFileSystemHandle?(): Promise<FileSystemFileHandle | FileSystemDirectoryHandle | null>;
}

interface Window {
  showDirectoryPicker?(options?: {
    id?: string;
    mode?: "read" | "readwrite";
  }): Promise<FileSystemDirectoryHandle>;
}

interface FileSystemHandle {
  queryPermission?(options?: { mode: "read" | "readwrite" }): Promise<PermissionState>;
  requestPermission?(options?: { mode: "read" | "readwrite" }): Promise<PermissionState>;
}
