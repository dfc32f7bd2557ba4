"""The AWS API that the local AWS answers with; see localaws/README.md."""
