// What examples use and neither TypeScript nor the package declares.

declare function showDirectoryPicker(): Promise<FileSystemDirectoryHandle>;

interface DataTransferItem {
  getAsFileSystemHandle(): Promise<any>;
}

declare module "electron" {
  export const app: any;
  export const ipcMain: any;
}

declare module "skill-log/worker?url" {
  const url: string;
  export default url;
}
