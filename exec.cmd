@rem npm scripts say exec so that signals reach the program itself; cmd.exe has no exec of its own.
@%*
